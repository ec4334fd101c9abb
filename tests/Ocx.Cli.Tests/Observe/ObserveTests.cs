using System.Text;
using System.Text.Json;

namespace Ocx.Cli.Tests.Observe;

/// <summary><c>ocx observe --input</c>: what an agent wrote, without a cluster.</summary>
public sealed class ObserveTests
{
    private static readonly byte[] s_log = AgentLines.Log(
        """{"@t":"2026-01-21T12:00:00Z","@m":"tap attached","method":"x","status":"y","durationNs":1}""",
        "2026-01-21 12:00:00.000 [INF] a log line of the agent's",
        AgentLines.Line(
            "echo",
            clientNamespace: "shop",
            clientPod: "cart-1",
            clientWorkload: "Deployment/cart",
            serverPod: "search-0"
        ),
        AgentLines.Line(
            "search",
            "tool_error",
            ms: 800,
            clientNamespace: "shop",
            clientPod: "cart-2",
            serverPod: "search-0"
        ),
        AgentLines.Line("", "rpc_error", ms: 2, method: "tools/list", errorCode: -32601),
        "{\"method\":\"tools/call\",\"status\":",
        "[1,2]"
    );

    public static TheoryData<string[], int> Filters =>
        new()
        {
            { [], 3 },
            { ["--tool", "echo"], 1 },
            { ["--tool", "s*"], 1 },
            { ["--method", "tools/*"], 3 },
            { ["--method", "tools/list"], 1 },
            { ["--status", "tool_error,rpc_error"], 2 },
            { ["--namespace", "shop"], 2 },
            { ["--namespace", "tools"], 2 },
            { ["--pod", "cart-1"], 1 },
            { ["--pod", "search-*"], 2 },
            { ["--min-duration", "500ms"], 1 },
            { ["--namespace", "shop", "--status", "ok"], 1 },
            { ["--node", "n1"], 0 },
            { ["--since", "1h"], 0 },
            { ["-n", "shop"], 2 },
            { ["--tail", "2"], 2 },
            { ["--tail", "9"], 3 },
            { ["--tail", "1", "--status", "tool_error"], 1 },
            { ["--tail", "0"], 0 },
        };

    [Fact]
    public async Task A_call_through_a_load_balancer_shows_the_client_and_is_found_by_either()
    {
        byte[] log = AgentLines.Log(
            AgentLines
                .Line(clientNamespace: "edge", clientPod: "balancer-0")
                .Replace(
                    "\"client\":{",
                    "\"client\":{\"address\":\"198.51.100.7\",\"port\":51234,\"via\":{",
                    StringComparison.Ordinal
                )
                .Replace("},\"server\"", "}},\"server\"", StringComparison.Ordinal)
        );

        Ocx observe = await Ocx.RunAsync(log, "observe", "--input", "-", "--pod", "balancer-0");

        Assert.Equal(2, observe.Lines.Length);
        Assert.Contains(" 198.51.100.7:51234 ", observe.Lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calls_are_told_apart_from_the_agent_s_own_log()
    {
        Ocx observe = await Ocx.RunAsync(s_log, "observe", "--input", "-");

        Assert.Equal(0, observe.ExitCode);
        Assert.Equal(4, observe.Lines.Length);
        Assert.Matches(@"^TIME +CLIENT +SERVER +METHOD +NAME +DURATION +STATUS$", observe.Lines[0]);
        Assert.Matches(
            @"^[\d:.]+ +shop/Deployment/cart +tools/search-0 +tools/call +echo +1\.5ms +ok$",
            observe.Lines[1]
        );
        Assert.Matches(@" shop/cart-2 +tools/search-0 +tools/call +search +800\.0ms +tool_error$", observe.Lines[2]);
        Assert.Matches(
            @" 10\.0\.0\.1:40000 +10\.0\.0\.2:8080 +tools/list +- +2\.0ms +rpc_error\(-32601\)$",
            observe.Lines[3]
        );
    }

    [Theory]
    [MemberData(nameof(Filters))]
    public async Task Filters_leave_the_calls_that_fit_all_of_them(string[] filters, int calls)
    {
        Ocx observe = await Ocx.RunAsync(s_log, ["observe", "--input", "-", "-o", "json", .. filters]);

        Assert.Equal((0, calls), (observe.ExitCode, observe.Lines.Length));
    }

    [Fact]
    public async Task The_tail_is_of_calls_and_not_of_lines_and_the_last_ones_that_fit()
    {
        byte[] log = AgentLines.Log([
            .. Enumerable.Range(0, 20).Select(i => AgentLines.Line(i % 2 == 0 ? $"even-{i}" : $"odd-{i}")),
            .. Enumerable.Repeat("""{"@t":"2026-01-21T12:00:00Z","@m":"a line of the agent's own log"}""", 50),
        ]);

        Ocx observe = await Ocx.RunAsync(log, "observe", "--input", "-", "--tail", "3", "--tool", "odd-*");

        Assert.Equal(
            ["odd-15", "odd-17", "odd-19"],
            observe.Lines[1..].Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[4])
        );
    }

    [Fact]
    public async Task JSON_is_the_agent_s_own_field_by_field()
    {
        string line = AgentLines.Line("echo", clientNamespace: "shop", clientPod: "cart-1");

        Ocx observe = await Ocx.RunAsync(AgentLines.Log(line), "observe", "--input", "-", "-o", "json");

        Assert.True(
            JsonElement.DeepEquals(JsonDocument.Parse(line).RootElement, JsonDocument.Parse(observe.Output).RootElement)
        );
    }

    [Theory]
    [InlineData("table")]
    [InlineData("wide")]
    [InlineData("json")]
    public async Task Names_from_the_wire_cannot_drive_the_terminal(string format)
    {
        // An escape sequence, its one-character form, a title, a turn of direction, a line break, and markup.
        const string Hostile = "a\u001b[2Jb\u009b31mc\u001b]0;t\u0007d\u202ee\r\nf[red]g[/]";
        string line = AgentLines
            .Line("TOOL", clientNamespace: "NS", clientPod: "POD", method: "METHOD")
            .Replace("\"completeness\":\"complete\"", "\"completeness\":\"TOOL\"", StringComparison.Ordinal);
        foreach (string place in (string[])["TOOL", "NS", "POD", "METHOD"])
        {
            line = line.Replace(place, JsonEncodedText.Encode(Hostile).ToString(), StringComparison.Ordinal);
        }

        // The characters above the ASCII controls may stand in JSON as they are.
        line = line.Replace("\\u009B", "\u009b", StringComparison.Ordinal)
            .Replace("\\u202E", "\u202e", StringComparison.Ordinal);

        Ocx observe = await Ocx.RunAsync(AgentLines.Log(line), "observe", "--input", "-", "-o", format);

        Assert.Equal(format == "json" ? 1 : 2, observe.Lines.Length);
        Assert.DoesNotContain(observe.Output, c => c != '\n' && (char.IsControl(c) || c == '\u202e'));
        Assert.Contains("f[red]g[/]", observe.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Colours_are_for_a_screen()
    {
        using var output = new StringWriter();
        var terminal = new Terminals.Terminal(
            output,
            TextWriter.Null,
            new MemoryStream(s_log),
            isInteractive: false,
            colours: true
        );

        Assert.Equal(
            0,
            await OcxCommand.RunAsync(terminal, ["observe", "--input", "-"], TestContext.Current.CancellationToken)
        );

        Assert.Contains("\u001b[31mtool_error\u001b[0m", output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', (await Ocx.RunAsync(s_log, "observe", "--input", "-")).Output);
    }

    [Fact]
    public async Task A_line_longer_than_any_call_s_is_passed_over()
    {
        byte[] log =
        [
            .. Encoding.UTF8.GetBytes(new string('x', 3 << 20)),
            (byte)'\n',
            .. AgentLines.Log(AgentLines.Line("echo")),
        ];

        Ocx observe = await Ocx.RunAsync(log, "observe", "--input", "-", "-o", "json");

        Assert.Contains("\"echo\"", Assert.Single(observe.Lines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("observe", "--input", "/no/such/file")]
    [InlineData("observe", "--input", "-", "--tap", "x")]
    [InlineData("observe", "--status", "good")]
    [InlineData("observe", "--tail", "100000000")]
    [InlineData("observe", "--since", "yesterday")]
    [InlineData("observe", "--since", "1e400s")]
    [InlineData("top", "--input", "-", "--interval", "1000h")]
    [InlineData("top", "--input", "-", "--interval", "0.1ms")]
    [InlineData("record", "-w", "/dev/null", "--duration", "1000000h")]
    [InlineData("observe", "--kubeconfig", "/no/such/file")]
    public async Task What_cannot_start_ends_with_2_and_one_line(params string[] arguments)
    {
        Ocx wrong = await Ocx.RunAsync(arguments);

        Assert.Equal(2, wrong.ExitCode);
        Assert.Single(wrong.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
