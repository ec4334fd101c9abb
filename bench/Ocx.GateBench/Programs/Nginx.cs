using System.Net;
using Ocx.GateBench.Network;

namespace Ocx.GateBench.Programs;

/// <summary>
/// nginx, of Debian's package, before the server in a namespace of its: one worker, connections kept on both sides,
/// nothing logged and nothing written to files.
/// </summary>
internal sealed class Nginx : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ocx-gate-bench-").FullName;

    public Nginx(string networkNamespace, IPEndPoint front, IPEndPoint server)
    {
        string configuration = Path.Combine(_folder, "nginx.conf");
        File.WriteAllText(
            configuration,
            $$"""
            daemon off;
            user root;
            worker_processes 1;
            pid nginx.pid;
            error_log stderr;
            events {}
            http {
              access_log off;
              keepalive_requests 1000000000;
              keepalive_timeout 1h;
              proxy_max_temp_file_size 0;
              client_body_temp_path client_body;
              proxy_temp_path proxy;
              fastcgi_temp_path fastcgi;
              uwsgi_temp_path uwsgi;
              scgi_temp_path scgi;
              upstream mcp {
                server {{server}};
                keepalive 32;
                keepalive_requests 1000000000;
                keepalive_timeout 1h;
              }
              server {
                listen {{front}};
                location / {
                  proxy_pass http://mcp;
                  proxy_http_version 1.1;
                  proxy_set_header Connection "";
                }
              }
            }
            """
        );
        string program = Path.Combine(
            Tool.Run("hack/unpacked", "nginx", "libnginx-mod-stream").Trim(),
            "usr/sbin/nginx"
        );
        Program = new Started(
            ["ip", "netns", "exec", networkNamespace, program, "-p", _folder, "-c", configuration],
            _ => File.Exists(Path.Combine(_folder, "nginx.pid"))
        );
    }

    public Started Program { get; }

    public void Dispose()
    {
        Program.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
