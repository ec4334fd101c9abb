using System.Globalization;
using System.Net;
using System.Text.Json;
using ModelContextProtocol.Client;
using Ocx.Kernel.Tests.Harness;
using Ocx.Kernel.Tests.Live;

namespace Ocx.Kernel.Tests.Audit;

/// <summary>A server and a client of the TypeScript SDK, and a client of the C# SDK, are audited.</summary>
public sealed class ServerEverythingTests : KernelTest, IDisposable
{
    private const int Port = 3001;

    private const string Audits = """
        apiVersion: ocx.dev/v1alpha1
        kind: McpAudit
        metadata:
          name: everything
        spec:
          server:
            port: 3001
          jury:
            deadline: 1m
            onNoVotes: Release
            jurors:
              - name: rules
                timeout: 50s
                policy:
                  rules:
                    - name: small-sums
                      when: tool.name == 'get-sum' && call.arguments.a + call.arguments.b > 100
                      then: Refuse
                    - name: no-shouting
                      when: tool.name == 'echo' && call.arguments.message.endsWith('!')
                      then: Hold
        """;

    // What the programs leave at home.
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("ocx-audit-");

    public void Dispose() => _home.Delete(recursive: true);

    [Theory]
    [InlineData("streamableHttp", HttpTransportMode.StreamableHttp, "/mcp")]
    [InlineData("sse", HttpTransportMode.Sse, "/sse")]
    public async Task Each_call_has_the_verdict_that_the_rules_ask_for(
        string server,
        HttpTransportMode transport,
        string path
    )
    {
        using var host = new NetworkNamespace();
        using var auditor = new AuditorProcess(Audits);
        using AgentProcess agent = AgentProcess.Start(
            host,
            "--interface",
            "lo",
            "--port",
            Port.ToString(CultureInfo.InvariantCulture),
            "--events",
            "none",
            "--auditor",
            auditor.Address
        );
        var environment = new Dictionary<string, string>
        {
            ["HOME"] = _home.FullName,
            ["PORT"] = Port.ToString(CultureInfo.InvariantCulture),
            ["PATH"] = $"{NodePrograms.NodeFolder}:{Environment.GetEnvironmentVariable("PATH")}",
        };
        using var everything = new LiveProcess(
            host,
            _home.FullName,
            environment,
            LiveServers.Command($"server-everything {server}", Port)
        );
        everything.AwaitPort(Port);

        await CallAsync(host, transport, path);
        string[] inspector =
        [
            "node",
            NodePrograms.Binary("inspector"),
            "--cli",
            "--server-url",
            $"http://localhost:{Port}{path}",
            "--transport",
            transport == HttpTransportMode.Sse ? "sse" : "http",
            "--protocol-era",
            "legacy",
            "--method",
            "tools/call",
            "--tool-name",
            "echo",
            "--tool-arg",
            "message=hey!",
        ];
        using (var client = new LiveProcess(host, _home.FullName, environment, inspector))
        {
            client.AwaitEnd();
        }

        IReadOnlyList<JsonElement> records = auditor.AwaitRecords(4);
        Assert.Equal(
            ["echo Held", "echo Released", "get-sum Refused", "get-sum Released"],
            records
                .Select(record =>
                    $"{record.GetProperty("intent").GetProperty("tool").GetString()} "
                    + record.GetProperty("verdict").GetProperty("outcome").GetString()
                )
                .Order(StringComparer.Ordinal)
        );
        Assert.Contains(": 4 records", auditor.Audit("verify"), StringComparison.Ordinal);
        agent.Stop();
    }

    private static async Task CallAsync(NetworkNamespace host, HttpTransportMode transport, string path)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        using SocketsHttpHandler handler = host.HttpTo(
            new IPEndPoint(IPAddress.Loopback, Port),
            socket => new RecordedConnection(socket)
        );
        using var http = new HttpClient(handler);
        await using McpClient client = await McpClient.CreateAsync(
            new HttpClientTransport(
                new HttpClientTransportOptions
                {
                    Endpoint = new Uri($"http://localhost:{Port}{path}"),
                    TransportMode = transport,
                },
                http
            ),
            cancellationToken: cancellation
        );
        await client.CallToolAsync(
            "echo",
            new Dictionary<string, object?> { ["message"] = "hello" },
            cancellationToken: cancellation
        );
        foreach (int number in new[] { 1, 100 })
        {
            await client.CallToolAsync(
                "get-sum",
                new Dictionary<string, object?> { ["a"] = number, ["b"] = 2 },
                cancellationToken: cancellation
            );
        }
    }
}
