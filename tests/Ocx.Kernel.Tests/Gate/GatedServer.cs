using System.Net;
using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Ocx.Kernel.Tests.Audit;
using Ocx.Kernel.Tests.Harness;

namespace Ocx.Kernel.Tests.Gate;

/// <summary>
/// The SDK's server behind a gate, in a namespace of its own; it writes down the calls that it gets. The auditor
/// refuses what is said to be refused, and holds what is to be held.
/// </summary>
internal sealed class GatedServer : IDisposable
{
    private readonly ILink _link;
    private readonly IDisposable _server;
    private readonly string _journal = Path.GetTempFileName();

    /// <param name="failurePolicy">What the audit says of calls that cannot be decided.</param>
    /// <param name="maxHold">The longest hold, which is the jury's deadline too.</param>
    /// <param name="isIpv6">Which IP version client and server talk.</param>
    /// <param name="isTypeScript">Whether the server is the TypeScript SDK's, and not that of C#.</param>
    /// <param name="link">What connects them, with the server at 10.0.0.2; null for a good one.</param>
    public GatedServer(
        string failurePolicy = "Closed",
        string maxHold = "55s",
        bool isIpv6 = false,
        bool isTypeScript = false,
        ILink? link = null
    )
    {
        _link =
            link
            ?? (
                isIpv6
                    ? new VethPair("fd00::1/64 nodad", "fd00::2/64 nodad")
                    : new VethPair("10.0.0.1/24", "10.0.0.2/24")
            );
        Address = new IPEndPoint(IPAddress.Parse(isIpv6 ? "fd00::2" : "10.0.0.2"), 8080);
        _server = isTypeScript
            ? new TypeScriptServer(Server, Address, _journal)
            : new McpServerProcess(Server, Address, "--sessions", "--journal", _journal);
        Auditor = new AuditorProcess(
            $$"""
            apiVersion: ocx.dev/v1alpha1
            kind: McpAudit
            metadata:
              name: orders
            spec:
              mode: Enforce
              server:
                port: 8080
              gate:
                failurePolicy: {{failurePolicy}}
                maxHold: {{maxHold}}
              classes:
                rules:
                  - tools: [echo, add]
                    class: Reversible
              jury:
                deadline: {{maxHold}}
                onNoVotes: Release
                jurors:
                  - name: rules
                    timeout: 50s
                    policy:
                      rules:
                        - name: no-deletes
                          when: tool.name == 'delete_orders' && call.arguments.customer.startsWith('refused')
                          then: Refuse
                          message: deletes 5000 rows
                        - name: ask
                          when: tool.name == 'delete_orders' && call.arguments.customer.startsWith('asked')
                          then: Hold
                        - name: ask-of-result
                          when: tool.name == 'echo' && call.arguments.text.startsWith('asked')
                          then: Hold
                        - name: secrets
                          when: tool.name == 'echo' && call.arguments.text.startsWith('withheld')
                          then: Refuse
                          message: it is a secret
            """
        );
    }

    public IPEndPoint Address { get; }

    public NetworkNamespace Client => _link.Client;

    public NetworkNamespace Server => _link.Server;

    public AuditorProcess Auditor { get; }

    /// <summary>The calls that reached the server, in their order.</summary>
    public string[] Journal => File.ReadAllLines(_journal);

    /// <summary>The gate, which enters the server's namespace.</summary>
    public GateProcess StartGate(params IEnumerable<string> options) => new(Server, Auditor, options);

    /// <summary>A session of the C# SDK's client.</summary>
    /// <param name="path">Where the server speaks Streamable HTTP, or for 2024-11-05 has its stream.</param>
    /// <param name="revision">The only revision that the client speaks; null for the newest that both do.</param>
    public async Task<McpClient> ConnectAsync(string path = "/", string? revision = null)
    {
        var http = new HttpClient(Client.HttpTo(Address, socket => new System.Net.Sockets.NetworkStream(socket, true)));
        return await McpClient.CreateAsync(
            new HttpClientTransport(
                new HttpClientTransportOptions
                {
                    Endpoint = new Uri($"http://{Address}{path}"),
                    TransportMode = revision == "2024-11-05" ? HttpTransportMode.Sse : HttpTransportMode.StreamableHttp,
                },
                http,
                ownsHttpClient: true
            ),
            // On a busy machine the probe for the newest revision may take its time.
            new McpClientOptions { ProtocolVersion = revision, DiscoverProbeTimeout = Timeout.InfiniteTimeSpan },
            cancellationToken: TestContext.Current.CancellationToken
        );
    }

    /// <summary>Waits until answers on so many connections are held: they are sent, and not acknowledged.</summary>
    public Task AwaitHeldAnswersAsync(int count) =>
        GatedPair.WaitAsync(() => Enumerable.Range(0, 3).All(_ => UnacknowledgedConnections() >= count));

    /// <summary>Waits until so many calls wait for a person.</summary>
    /// <returns>The approvals' ids.</returns>
    public IReadOnlyList<string> AwaitPending(int count = 1)
    {
        string[] pending = [];
        Assert.True(
            SpinWait.SpinUntil(
                () =>
                {
                    pending =
                    [
                        .. Auditor
                            .Audit("approvals", "-o", "json")
                            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                            .Select(line => JsonElement.Parse(line))
                            .Select(approval => approval.GetProperty("id").GetString()!),
                    ];
                    return pending.Length >= count;
                },
                TimeSpan.FromSeconds(60)
            ),
            $"{pending.Length} of {count} calls wait for a person"
        );
        return pending;
    }

    /// <summary>Calls a tool.</summary>
    /// <returns>The text of its result, or the error's code and message.</returns>
    public static async Task<string> CallAsync(McpClient client, string tool, string argument)
    {
        try
        {
            CallToolResult result = await client.CallToolAsync(
                tool,
                new Dictionary<string, object?> { [tool == "echo" ? "text" : "customer"] = argument },
                cancellationToken: TestContext.Current.CancellationToken
            );
            return ((TextContentBlock)result.Content.Single()).Text;
        }
        catch (McpProtocolException error)
        {
            return $"{(int)error.ErrorCode} {error.Message}";
        }
    }

    // Of each the bytes that wait to be read, and those that are not acknowledged.
    private int UnacknowledgedConnections() =>
        Server
            .Exec("ss", "-Htn", "state", "established", "sport", "=", ":8080")
            .Split('\n')
            .Count(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, not "0", ..]);

    /// <inheritdoc/>
    public void Dispose()
    {
        _server.Dispose();
        Auditor.Dispose();
        _link.Dispose();
        File.Delete(_journal);
    }
}
