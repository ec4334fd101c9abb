using System.Text.Json;
using Ocx.Kernel.Tests.Harness;

namespace Ocx.Kernel.Tests.Live;

/// <summary>
/// nginx, of Debian's package, between clients and servers. Its connections are shared, sessions are not.
/// </summary>
public sealed class NginxTests : KernelTest
{
    private const int Front = 8080;
    private const int Back = 3001;

    [Theory]
    [InlineData("streamableHttp", "http")]
    [InlineData("sse", "sse")]
    public void Http_1_0_to_the_server_is_told_on_both_sides(string mode, string kind)
    {
        using var run = new LiveRun(Back, Front);
        run.Serve(Back, LiveServers.Command($"server-everything {mode}", Back));
        // HTTP/1.0 is its default.
        Serve(run, $"server {{ listen {Front}; location / {{ proxy_pass http://127.0.0.1:{Back}; }} }}");
        run.RunSessions($"http://localhost:{Front}", [kind, kind]);
        run.Stop();

        run.AssertToldAsByClient(Front);
        run.AssertToldAsByServer(Back);
        Assert.Equal(run.Told(Front).Count, run.Told(Back).Count);
    }

    [Theory]
    [InlineData("server-everything streamableHttp")]
    [InlineData("mcp-proxy --stateless")]
    public void Clients_that_share_a_pool_of_connections_stay_apart(string server)
    {
        using var run = new LiveRun(Back, Front);
        run.Serve(Back, LiveServers.Command(server, Back));
        Serve(
            run,
            $$"""
            upstream pool { server 127.0.0.1:{{Back}}; keepalive 8; }
            server {
              listen {{Front}};
              location / {
                proxy_pass http://pool;
                proxy_http_version 1.1;
                proxy_set_header Connection "";
              }
            }
            """
        );
        // Without a session, what one of four takes back that have one address and the same ids could be another's.
        string patience = server.Contains("stateless", StringComparison.Ordinal) ? "patient" : "impatient";
        run.RunSessions($"http://localhost:{Front}", ["http", "http", "http", "http"], patience);
        run.Stop();

        run.AssertToldAsByClient(Front);
        run.AssertToldAsByServer(Back);
        Assert.Equal(
            ["client-0", "client-1", "client-2", "client-3"],
            run.Told(Back).Where(call => call.Method == "initialize").Select(call => call.Client).Order()
        );
        // Else nothing was tried: a connection carried calls of two clients.
        Assert.Contains(
            run.Told(Back).GroupBy(call => call.ClientPort).Where(connection => connection.Key != 0),
            connection => connection.Select(call => (call.Session, call.Client)).Distinct().Count() > 1
        );
    }

    [Fact]
    public void Answers_that_nginx_compresses_are_told_as_the_server_sent_them()
    {
        using var run = new LiveRun(Back, Front);
        run.Serve(Back, LiveServers.Command("server-everything streamableHttp", Back));
        Serve(
            run,
            $$"""
            gzip on;
            gzip_types *;
            gzip_min_length 0;
            server { listen {{Front}}; location / { proxy_pass http://127.0.0.1:{{Back}}; } }
            """
        );
        run.RunSessions($"http://localhost:{Front}", ["http", "http"]);
        run.Stop();

        run.AssertToldAsByServer(Back);
        LiveRun.AssertSame([.. run.Told(Back).Select(Anywhere)], [.. run.Told(Front).Select(Anywhere)]);

        static LiveCall Anywhere(LiveCall call) => call with { Port = 0, ClientPort = 0 };
    }

    [Fact]
    public void The_client_that_a_PROXY_header_names_stands_beside_the_peer()
    {
        const int Named = 8081;
        using var run = new LiveRun(Back, Front, Named);
        run.Serve(Back, LiveServers.Command("server-everything streamableHttp", Back));
        Serve(
            run,
            $"server {{ listen {Named} proxy_protocol; location / {{ proxy_pass http://127.0.0.1:{Back}; }} }}",
            $"server {{ listen [::]:{Front}; proxy_pass 127.0.0.1:{Named}; proxy_protocol on; }}"
        );
        run.RunSessions($"http://[::1]:{Front}", ["http", "http"]);
        run.Stop();

        run.AssertToldAsByClient(Front);
        run.AssertToldAsByServer(Back);
        // The same calls of the same clients' ports, as nginx names them.
        LiveRun.AssertSame([.. run.Told(Front).Select(call => call with { Port = Named })], run.Told(Named));
        foreach (JsonElement record in run.Records)
        {
            JsonElement client = record.GetProperty("client");
            bool isNamed = record.GetProperty("server").GetProperty("port").GetInt32() == Named;
            Assert.Equal(isNamed, client.TryGetProperty("via", out JsonElement via));
            if (isNamed)
            {
                Assert.Equal("::1", client.GetProperty("address").GetString());
                Assert.Equal("127.0.0.1", via.GetProperty("address").GetString());
            }
        }
    }

    private static void Serve(LiveRun run, string http, string stream = "")
    {
        string usr = Path.Combine(
            Command.Run(Checkout.PathOf("hack", "unpacked"), "nginx", "libnginx-mod-stream").Trim(),
            "usr"
        );
        string configuration = Path.Combine(run.Folder, "nginx.conf");
        File.WriteAllText(
            configuration,
            $$"""
            load_module {{usr}}/lib/nginx/modules/ngx_stream_module.so;
            daemon off;
            master_process off;
            pid nginx.pid;
            error_log stderr;
            events {}
            http {
              access_log off;
              # Events are to come when they are sent.
              proxy_buffering off;
              client_body_temp_path client_body;
              proxy_temp_path proxy;
              fastcgi_temp_path fastcgi;
              uwsgi_temp_path uwsgi;
              scgi_temp_path scgi;
              {{http}}
            }
            stream {
              {{stream}}
            }
            """
        );
        run.Serve(Front, [$"{usr}/sbin/nginx", "-p", run.Folder, "-c", configuration]);
    }
}
