using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Ocx.Audit.Ledger;
using Ocx.Audit.Reverts;
using Ocx.Auditor.Jurors;

namespace Ocx.Auditor.Reverting;

/// <summary>How a compensating call went.</summary>
/// <param name="Status"><see cref="RevertRecords.Ok"/>, or what went wrong in a few words, none of them the server's.
/// </param>
/// <param name="Text">What the server says; not masked.</param>
internal readonly record struct CompensatingResult(string Status, string Text);

/// <summary>
/// Makes one call to an MCP server, by the SDK's client. The server is trusted with nothing: it is listened to for so
/// long and for so many bytes, leads nowhere else, and cannot ask anything of its client.
/// </summary>
internal static class CompensatingCall
{
    private const int LongestAnswer = 4 << 20;

    private static readonly TimeSpan s_connect = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_prepare = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_call = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Connects, sees that the server has the tool, begins, and calls it once. What happens from the beginning on is a
    /// result, whatever it is: the call may have been carried out.
    /// </summary>
    /// <param name="server">The server's URL.</param>
    /// <param name="plan">What is called.</param>
    /// <param name="begin">Is called when all is ready; where it fails, nothing is called.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="RevertRefusedException">The server cannot be called so: nothing was.</exception>
    public static async Task<CompensatingResult> RunAsync(
        Uri server,
        RevertPlan plan,
        Func<Task> begin,
        CancellationToken cancellation
    )
    {
        using var http = new HttpClient(
            new BoundedAnswers(
                new SocketsHttpHandler
                {
                    AllowAutoRedirect = false,
                    UseProxy = false,
                    UseCookies = false,
                    ConnectTimeout = s_connect,
                },
                LongestAnswer
            )
        )
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        await using McpClient client = await ReadyAsync(server, plan.Tool, http, cancellation);
        await begin();
        return await CallAsync(client, plan, cancellation);
    }

    private static async Task<McpClient> ReadyAsync(
        Uri server,
        string tool,
        HttpClient http,
        CancellationToken cancellation
    )
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(s_prepare);
        McpClient? client = null;
        try
        {
            client = await McpClient.CreateAsync(
                new HttpClientTransport(
                    new HttpClientTransportOptions
                    {
                        Endpoint = server,
                        TransportMode = HttpTransportMode.StreamableHttp,
                    },
                    http
                ),
                new McpClientOptions
                {
                    ClientInfo = new Implementation
                    {
                        Name = "ocx-auditor",
                        Version = Assembly.GetExecutingAssembly().GetName().Version?.ToString(3) ?? "0",
                    },
                    InitializationTimeout = s_prepare,
                },
                cancellationToken: limit.Token
            );
            IList<McpClientTool> tools = await client.ListToolsAsync(cancellationToken: limit.Token);
            return tools.Any(one => one.Name == tool)
                ? client
                : throw new RevertRefusedException($"the server at {server} has no tool {tool}");
        }
        catch (Exception wrong)
        {
            if (client is not null)
            {
                await client.DisposeAsync();
            }

            throw wrong switch
            {
                RevertRefusedException => wrong,
                OperationCanceledException when cancellation.IsCancellationRequested => wrong,
                OperationCanceledException => NoServer($"none within {s_prepare.TotalSeconds} s", wrong),
                _ => NoServer(wrong.GetBaseException().Message, wrong),
            };
        }

        RevertRefusedException NoServer(string why, Exception inner) =>
            new($"no MCP server answers at {server}: {why}", inner);
    }

    private static async Task<CompensatingResult> CallAsync(
        McpClient client,
        RevertPlan plan,
        CancellationToken cancellation
    )
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(s_call);
        try
        {
            CallToolResult result = await client.CallToolAsync(
                new CallToolRequestParams
                {
                    Name = plan.Tool,
                    Arguments = JsonElement
                        .Parse(plan.Arguments.Span)
                        .EnumerateObject()
                        .ToDictionary(argument => argument.Name, argument => argument.Value),
                },
                limit.Token
            );
            return new(result.IsError == true ? "tool error" : RevertRecords.Ok, TextOf(result));
        }
        catch (McpProtocolException wrong)
        {
            return new(string.Create(CultureInfo.InvariantCulture, $"error {(int)wrong.ErrorCode}"), wrong.Message);
        }
        catch (HttpRequestException wrong) when (wrong.StatusCode is { } code)
        {
            return new(string.Create(CultureInfo.InvariantCulture, $"HTTP {(int)code}"), string.Empty);
        }
        catch (OperationCanceledException)
        {
            string why = cancellation.IsCancellationRequested
                ? "the auditor stopped meanwhile"
                : $"none within {s_call.TotalSeconds} s";
            return new("no answer", why);
        }
#pragma warning disable CA1031 // Whatever it is, the call may have been carried out, and has its record.
        catch (Exception wrong)
#pragma warning restore CA1031
        {
            return new("no answer", wrong.GetBaseException().Message);
        }
    }

    private static string TextOf(CallToolResult result)
    {
        var text = new StringBuilder();
        foreach (ContentBlock block in result.Content)
        {
            text.Append(text.Length > 0 ? "\n" : string.Empty);
            text.Append(block is TextContentBlock words ? words.Text : $"({block.Type})");
        }

        return text.ToString();
    }
}
