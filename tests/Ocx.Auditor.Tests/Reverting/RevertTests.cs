using System.Net;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Ocx.Audit.Classes;
using Ocx.Audit.Jury;
using Ocx.Audit.Ledger;
using Ocx.Audit.Policy;
using Ocx.Audit.Reverts;
using Ocx.Audit.Tokens;
using Ocx.Audit.Wire;
using Ocx.Auditor.Tests.Intake;

namespace Ocx.Auditor.Tests.Reverting;

/// <summary>A token takes its call back, at a real MCP server, once.</summary>
public sealed class RevertTests
{
    private const string Secret = "sk-proj-Zq8vN3xK7mT2wR5yL9bH4jD6";

    private static readonly Vote s_release = new(Ballot.Release, "fine");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_carried_out_once_whoever_asks_how_often_and_also_after_a_restart()
    {
        await using OrderServer server = await OrderServer.StartAsync();
        RunningAuditor first = await StartAsync();
        string token = await CalledAsync(first, server.Address, """{"order":42}""");
        (HttpStatusCode code, string text) = await RevertAsync(first, token, carryOut: false);
        RevertAnswer plan = RevertAnswer.Read(Encoding.UTF8.GetBytes(text));
        Assert.Equal(HttpStatusCode.OK, code);
        Assert.Equal(
            ("restore_order", """{"order":42}""", $"http://{server.Address}/orders", ""),
            (plan.Tool, plan.Arguments, plan.Url, plan.UsedBy)
        );
        Assert.Empty(server.Journal);

        (HttpStatusCode Code, string Text)[] answers = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => RevertAsync(first, token, carryOut: true))
        );
        RevertAnswer done = RevertAnswer.Read(
            Encoding.UTF8.GetBytes(Assert.Single(answers, answer => answer.Code == HttpStatusCode.OK).Text)
        );
        Assert.Equal((RevertRecords.Ok, "order 42 is back; the key is [redacted]"), (done.Status, done.Text));
        Assert.All(
            answers.Where(answer => answer.Code != HttpStatusCode.OK),
            answer => Assert.StartsWith("the token was used already, by ", answer.Text, StringComparison.Ordinal)
        );
        Assert.Equal(["restore_order 42"], server.Journal);

        await first.StopAsync();
        await using RunningAuditor second = await first.StartAgainAsync((_, _) => ValueTask.FromResult(s_release));
        (code, text) = await RevertAsync(second, token, carryOut: true);
        Assert.Equal(HttpStatusCode.Conflict, code);
        Assert.Matches("^the token was used already, by .* at .*: ok$", text);
        Assert.Equal(["restore_order 42"], server.Journal);

        LedgerEntry[] reverts = [.. (await second.RecordsAsync()).Where(record => record.Reverts is not null)];
        Assert.Equal([null, "ok"], reverts.Select(revert => revert.Result?.Status));
        Assert.All(
            reverts,
            revert =>
                Assert.Equal(("Revert", "because", Key), (revert.Mode, revert.Reverts!.Reason, revert.Reverts.Call))
        );
        Assert.Equal(1, Assert.Single(await second.Ledger.Reader.TotalsAsync(Cancellation)).Released);
    }

    [Fact]
    public async Task A_server_that_cannot_be_called_uses_no_token_up()
    {
        OrderServer gone = await OrderServer.StartAsync();
        string address = gone.Address;
        await gone.DisposeAsync();
        await using RunningAuditor auditor = await StartAsync();
        string token = await CalledAsync(auditor, address, """{"order":7}""");
        (HttpStatusCode code, string text) = await RevertAsync(auditor, token, carryOut: true);
        Assert.Equal(HttpStatusCode.Conflict, code);
        Assert.StartsWith($"no MCP server answers at http://{address}/orders: ", text, StringComparison.Ordinal);

        await using OrderServer server = await OrderServer.StartAsync(address);
        (code, _) = await RevertAsync(auditor, token, carryOut: true);
        Assert.Equal((HttpStatusCode.OK, "restore_order 7"), (code, Assert.Single(server.Journal)));
    }

    [Fact]
    public async Task A_tool_that_the_server_does_not_have_uses_no_token_up()
    {
        await using OrderServer server = await OrderServer.StartAsync();
        await using RunningAuditor auditor = await StartAsync("bring_back");
        string token = await CalledAsync(auditor, server.Address, """{"order":7}""");
        (HttpStatusCode code, string text) = await RevertAsync(auditor, token, carryOut: true);
        Assert.Equal(HttpStatusCode.Conflict, code);
        Assert.EndsWith("has no tool bring_back", text, StringComparison.Ordinal);
        Assert.DoesNotContain(await auditor.RecordsAsync(), record => record.Reverts is not null);
    }

    [Fact]
    public async Task A_compensating_call_that_fails_is_told_and_uses_the_token_up()
    {
        await using OrderServer server = await OrderServer.StartAsync();
        int port = FreePort();
        await using RunningAuditor auditor = await StartAsync(httpPort: port);
        string token = await CalledAsync(auditor, server.Address, """{"order":13}""");
        (HttpStatusCode code, string text) = await RevertAsync(auditor, token, carryOut: true);
        Assert.Equal(HttpStatusCode.OK, code);
        Assert.Equal("tool error", RevertAnswer.Read(Encoding.UTF8.GetBytes(text)).Status);
        (code, text) = await RevertAsync(auditor, token, carryOut: true);
        Assert.Equal(HttpStatusCode.Conflict, code);
        Assert.EndsWith(": tool error", text, StringComparison.Ordinal);
        Assert.Single(server.Journal);
        using var http = new HttpClient();
        Assert.Contains(
            "ocx_auditor_reverts_total{namespace=\"shop\",audit=\"orders\",result=\"failed\"} 1\n",
            await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/metrics"), Cancellation),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task An_auditor_that_stops_while_the_server_is_silent_has_used_the_token_up()
    {
        await using OrderServer server = await OrderServer.StartAsync();
        RunningAuditor first = await StartAsync();
        string token = await CalledAsync(first, server.Address, """{"order":99}""");
        Task<(HttpStatusCode, string)> asked = RevertAsync(first, token, carryOut: true);
        await Wait.UntilAsync(() => !server.Journal.IsEmpty, Cancellation);
        await first.StopAsync();
        await Record.ExceptionAsync(() => asked);

        await using RunningAuditor second = await first.StartAgainAsync((_, _) => ValueTask.FromResult(s_release));
        (HttpStatusCode code, string text) = await RevertAsync(second, token, carryOut: true);
        Assert.Equal(HttpStatusCode.Conflict, code);
        Assert.Matches("^the token was used already, by .* at .*: no answer$", text);
        Assert.Single(server.Journal);
    }

    [Fact]
    public async Task A_revert_whose_end_nobody_wrote_down_has_used_the_token_up()
    {
        await using OrderServer server = await OrderServer.StartAsync();
        await using RunningAuditor auditor = await StartAsync();
        string token = await CalledAsync(auditor, server.Address, """{"order":42}""");
        LedgerRecord record = (await auditor.Ledger.Reader.FindAsync(Key, Cancellation))!;
        LedgerEntry begun = RevertRecords.Begin(record, "ann", "", DateTimeOffset.UtcNow);
        await auditor.Ledger.AppendAsync(begun, Cancellation);
        (HttpStatusCode code, string text) = await RevertAsync(auditor, token, carryOut: true);
        Assert.Equal(HttpStatusCode.Conflict, code);
        Assert.Matches("^the token was used already, by ann at .*: how it went is not known$", text);
        Assert.Empty(server.Journal);
    }

    [Theory]
    [InlineData("endless")]
    [InlineData("elsewhere")]
    [InlineData("\u001b[2J{")]
    public async Task A_hostile_server_is_not_listened_to_for_long_and_uses_no_token_up(string answer)
    {
        await using OrderServer elsewhere = await OrderServer.StartAsync();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using WebApplication hostile = builder.Build();
        hostile.MapPost("/orders", http => AnswerAsync(http, answer, elsewhere.Address));
        hostile.Urls.Add("http://127.0.0.1:0");
        await hostile.StartAsync(Cancellation);
        await using RunningAuditor auditor = await StartAsync();
        string token = await CalledAsync(auditor, new Uri(hostile.Urls.First()).Authority, """{"order":7}""");
        (HttpStatusCode code, string text) = await RevertAsync(auditor, token, carryOut: true);
        Assert.Equal(HttpStatusCode.Conflict, code);
        Assert.StartsWith("no MCP server answers at ", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', text);
        Assert.Empty(elsewhere.Journal);
        (code, text) = await RevertAsync(auditor, token, carryOut: false);
        Assert.Equal("", RevertAnswer.Read(Encoding.UTF8.GetBytes(text)).UsedBy);
    }

    [Fact]
    public async Task A_call_whose_arguments_are_masked_is_irreversible_and_says_so()
    {
        await using OrderServer server = await OrderServer.StartAsync();
        await using RunningAuditor auditor = await StartAsync();
        string token = await CalledAsync(auditor, server.Address, """{"order":"[redacted]"}""");
        (HttpStatusCode code, string text) = await RevertAsync(auditor, token, carryOut: true);
        Assert.Equal(HttpStatusCode.Conflict, code);
        Assert.EndsWith("is not known: it reads what is masked", text, StringComparison.Ordinal);
        Assert.Empty(server.Journal);
    }

    [Fact]
    public async Task A_token_that_is_altered_forged_or_expired_is_refused()
    {
        await using OrderServer server = await OrderServer.StartAsync();
        await using RunningAuditor auditor = await StartAsync();
        string token = await CalledAsync(auditor, server.Address, """{"order":42}""");
        LedgerRecord record = (await auditor.Ledger.Reader.FindAsync(Key, Cancellation))!;
        LedgerEntry old = record.Entry with
        {
            Time = DateTimeOffset.UtcNow - RevertToken.Lifetime - TimeSpan.FromSeconds(1),
            Intent = record.Entry.Intent with { Key = "0123456789abcdef0000000000000002" },
            RevertTokenId = RevertToken.NewId(),
        };
        await auditor.Ledger.AppendAsync(old, Cancellation);
        var keys = new RevertKeyRing(new byte[RevertKeyRing.MinKeyLength]);
        RevertBinding binding = RevertBinding.Of(record);
        DateTimeOffset later = DateTimeOffset.UtcNow.AddDays(1);
        LedgerRecord expired = (await auditor.Ledger.Reader.FindAsync(old.Intent.Key, Cancellation))!;
        byte[] otherKey = new byte[RevertKeyRing.MinKeyLength];
        otherKey[0] = 1;
        (string Token, string Why)[] wrong =
        [
            (token[..^1] + (token[^1] == 'A' ? 'B' : 'A'), "the token was altered, or was never made"),
            (RevertToken.Create(keys, binding, later).Text, "no call in the ledger has this token"),
            (RevertToken.Of(new RevertKeyRing(otherKey), record)!.Text, "a key that is not, or no longer, in use"),
            (RevertToken.Of(keys, expired)!.Text, "the token has expired at "),
            (token + "A", "this is no revert token"),
            (string.Empty, "this is no revert token"),
        ];
        foreach ((string text, string why) in wrong)
        {
            foreach (bool carryOut in (bool[])[false, true])
            {
                (HttpStatusCode code, string said) = await RevertAsync(auditor, text, carryOut);
                Assert.Equal(HttpStatusCode.Conflict, code);
                Assert.Contains(why, said, StringComparison.Ordinal);
            }
        }

        Assert.Empty(server.Journal);
        Assert.Equal(HttpStatusCode.OK, (await RevertAsync(auditor, token, carryOut: true)).Code);
    }

    private static string Key => "0123456789abcdef0000000000000001";

    private static async Task<RunningAuditor> StartAsync(string tool = "restore_order", int httpPort = 0)
    {
        RunningAuditor auditor = await RunningAuditor.StartAsync((_, _) => ValueTask.FromResult(s_release), httpPort);
        Assert.True(Glob.TryParse("cancel_*", out Glob? tools));
        var compensation = new Compensation([tools], tool, [("order", CallExpression.Compile("call.arguments.order"))]);
        auditor.Audits.Replace([
            auditor.Audit("orders", null) with
            {
                Compensations = new Compensations("/orders", [compensation]),
            },
        ]);
        return auditor;
    }

    private static int FreePort()
    {
        using var taken = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        return ((IPEndPoint)taken.LocalEndpoint).Port;
    }

    // An agent tells of a call; its token is read as 'ocx audit show' reads it.
    private static async Task<string> CalledAsync(RunningAuditor auditor, string server, string arguments)
    {
        using AgentStream agent = await AgentStream.OpenAsync(auditor.Client);
        await agent.SendAsync(
            1,
            new AgentMessage
            {
                Opened = new Opened
                {
                    Key = Key,
                    TimeUnixNs = 1_700_000_000_000_000_000,
                    Method = "tools/call",
                    Tool = "cancel_order",
                    Arguments = ByteString.CopyFromUtf8(arguments),
                    ArgumentsComplete = true,
                    Server = new Party { Address = server },
                },
            }
        );
        await agent.AcknowledgedAsync(1);
        using HttpClient http = Http(auditor);
        return await http.GetStringAsync(new Uri($"v1/records/{Key}/token", UriKind.Relative), Cancellation);
    }

    private static async Task<(HttpStatusCode Code, string Text)> RevertAsync(
        RunningAuditor auditor,
        string token,
        bool carryOut
    )
    {
        using HttpClient http = Http(auditor);
        using var order = new ByteArrayContent(
            JsonSerializer.SerializeToUtf8Bytes(
                new
                {
                    token,
                    carryOut,
                    reason = "because",
                }
            )
        );
        using HttpResponseMessage answer = await http.PostAsync(
            new Uri("v1/revert", UriKind.Relative),
            order,
            Cancellation
        );
        string text = await answer.Content.ReadAsStringAsync(Cancellation);
        Assert.DoesNotContain(Secret, text, StringComparison.Ordinal);
        return (answer.StatusCode, text);
    }

    private static async Task AnswerAsync(HttpContext http, string answer, string elsewhere)
    {
        if (answer == "elsewhere")
        {
            http.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
            http.Response.Headers.Location = $"http://{elsewhere}/orders";
            return;
        }

        http.Response.ContentType = answer == "endless" ? "text/event-stream" : "application/json";
        byte[] body = answer == "endless" ? [.. "data: "u8, .. new byte[64 << 10]] : Encoding.UTF8.GetBytes(answer);
        do
        {
            await http.Response.Body.WriteAsync(body, http.RequestAborted);
        } while (answer == "endless");
    }

    private static HttpClient Http(RunningAuditor auditor) =>
        new(RunningAuditor.Handler(auditor.Socket))
        {
            BaseAddress = new Uri("http://auditor/"),
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
}
