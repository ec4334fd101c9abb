using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Ocx.ControlPlane.Tests;

/// <summary>Credentials pass on the wire; everything that the agent says is looked through for them.</summary>
public sealed class SecretTests(Cluster cluster)
{
    // Each where credentials are met with, each another one, none of a form that only its place gives away to this
    // test.
    private static readonly string[] s_secrets =
    [
        "planted-in-authorization-header-01",
        "planted-in-cookie-02",
        "planted-in-api-key-header-03",
        "planted-in-query-04",
        "planted-under-password-05",
        "sk-plantedintext0606060606",
        "ACME-70707070",
        "planted-in-set-cookie-08",
        "ghp_plantedinresult0909090909",
        "planted-in-error-10",
        "planted-in-malformed-json-11",
        "planted-in-no-mcp-12",
        "planted-at-a-path-13",
    ];

    [Fact]
    public async Task No_planted_credential_is_in_calls_log_metrics_reports_status_or_events()
    {
        await using var leader = cluster.StartOperator();
        await cluster.CreateNodeAsync("node-secret");
        var port = ControlPlane.FreePort();
        await cluster.CreateTapAsync(
            "secret",
            $$$"""
            {"interface":"lo","port":{{{port}}},"ringSize":"256Ki","reportInterval":"1s","logLevel":"Debug",
             "redact":{"paths":["$.where.exactly"],"patterns":["ACME-[0-9]+"]}}
            """
        );
        await using var agent = await AgentProcess.StartAsync(cluster, "secret", "node-secret");
        await agent.ReadyAsync();

        await SendAsync(port);
        await cluster.StatusAsync("secret", status => status.Packets.Captured >= 10, "the packets are in the status");
        await Eventually.TrueAsync(() => Task.FromResult(Calls(agent) >= 3), "the calls are told");
        var metrics = (await agent.GetAsync("/metrics")).Text;
        await agent.Process.StopAsync();

        var said = new Dictionary<string, string>
        {
            ["calls and log"] = agent.Process.Output,
            ["metrics"] = metrics,
            ["reports"] = await cluster.ControlPlane.KubectlAsync("get", "mcptapreports", "-A", "-o", "yaml"),
            ["status"] = await cluster.ControlPlane.KubectlAsync("get", "mcptap", "secret", "-o", "jsonpath={.status}"),
            ["events"] = await cluster.ControlPlane.KubectlAsync("get", "events", "-A", "-o", "yaml"),
        };
        Assert.All(
            said,
            place =>
                Assert.All(
                    s_secrets,
                    secret =>
                        Assert.False(
                            place.Value.Contains(secret, StringComparison.Ordinal),
                            $"{secret} is in {place.Key}:\n{place.Value}"
                        )
                )
        );
        Assert.Contains("[redacted]", said["calls and log"], StringComparison.Ordinal);
        Assert.Contains("what-may-be-seen", said["calls and log"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pattern_that_cannot_be_used_is_told_and_agents_keep_the_last_spec_that_could()
    {
        await using var leader = cluster.StartOperator();
        await cluster.CreateTapAsync("pattern", """{"interface":"lo","port":7310,"redact":{"patterns":["fine"]}}""");
        await cluster.DaemonSetExistsAsync("pattern");
        await cluster.ControlPlane.KubectlAsync(
            "patch",
            "mcptap",
            "pattern",
            "--type=merge",
            "-p",
            """{"spec":{"port":7311,"redact":{"patterns":["(?=no)lookahead"]}}}"""
        );
        await cluster.StatusAsync(
            "pattern",
            status =>
                status.Conditions!.Any(condition =>
                    condition is { Type: "Degraded", Status: "True" }
                    && condition.Message.StartsWith(
                        "spec.redact.patterns: '(?=no)lookahead' is not a regular expression",
                        StringComparison.Ordinal
                    )
                ),
            "the condition says which pattern"
        );
        var environment = (await cluster.DaemonSetAsync("pattern"))!.Spec.Template.Spec.Containers.Single().Env;
        Assert.Equal("7310", environment.Single(variable => variable.Name == "OCX_PORT").Value);
        Assert.Equal("fine", environment.Single(variable => variable.Name == "OCX_REDACT_PATTERN").Value);
    }

    private static int Calls(AgentProcess agent) =>
        agent
            .Process.Output.Split('\n')
            .Count(line => line.Contains("\"method\":\"tools/call\"", StringComparison.Ordinal));

    private static async Task SendAsync(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        foreach (var (request, answer) in Exchanges())
        {
            using var client = new TcpClient { NoDelay = true };
            await client.ConnectAsync(IPAddress.Loopback, port);
            using var server = await listener.AcceptTcpClientAsync();
            await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(request));
            await server.GetStream().ReadAtLeastAsync(new byte[4096], Encoding.UTF8.GetByteCount(request));
            await server.GetStream().WriteAsync(Encoding.UTF8.GetBytes(answer));
            await client.GetStream().ReadAtLeastAsync(new byte[4096], Encoding.UTF8.GetByteCount(answer));
        }
    }

    private static IEnumerable<(string Request, string Answer)> Exchanges()
    {
        yield return (
            Post(
                $$$"""
                {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"what-may-be-seen","arguments":{
                 "password":"{{{s_secrets[4]}}}","note":"use {{{s_secrets[5]}}}","order":"{{{s_secrets[6]}}}",
                 "where":{"exactly":"{{{s_secrets[12]}}}"}} }}
                """
            ),
            Answer(
                "200 OK",
                """{"jsonrpc":"2.0","id":1,"result":{"content":"""
                    + $$$"""[{"type":"text","text":"cloned with {{{s_secrets[8]}}}"}]} }"""
            )
        );
        yield return (
            Post("""{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"failing","arguments":{}}}"""),
            Answer(
                "200 OK",
                """{"jsonrpc":"2.0","id":2,"error":"""
                    + $$$"""{"code":-32000,"message":"refused: api_key={{{s_secrets[9]}}}"} }"""
            )
        );
        yield return (
            Post("""{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"unauthorized","arguments":{}}}"""),
            Answer("401 Unauthorized", $$$"""{"error":"password={{{s_secrets[9]}}}"}""")
        );
        yield return (
            Post($$$"""{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"token":"{{{s_secrets[10]}}}" oops"""),
            Answer("400 Bad Request", "{}")
        );
        yield return ($"AUTH {s_secrets[11]}\r\n", $"+OK {s_secrets[11]}\r\n");
    }

    private static string Post(string body) =>
        $"POST /mcp?api_key={s_secrets[3]} HTTP/1.1\r\nHost: mcp\r\nAuthorization: Bearer {s_secrets[0]}\r\n"
        + $"Cookie: session={s_secrets[1]}\r\nX-Api-Key: {s_secrets[2]}\r\n"
        + "MCP-Protocol-Version: 2025-06-18\r\nContent-Type: application/json\r\n"
        + $"Content-Length: {body.Length}\r\n\r\n{body}";

    private static string Answer(string status, string body) =>
        $"HTTP/1.1 {status}\r\nSet-Cookie: session={s_secrets[7]}\r\nContent-Type: application/json\r\n"
        + $"Content-Length: {body.Length}\r\n\r\n{body}";
}
