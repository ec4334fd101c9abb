using System.Text;
using k8s.Models;
using Ocx.Api;
using Ocx.Cli.Status;
using Spectre.Console;

namespace Ocx.Cli.Tests.Status;

/// <summary>
/// McpTaps and metrics as people see them. What a real API server gives is for the control-plane suite.
/// </summary>
public sealed class StatusTests
{
    private static readonly DateTime s_now = new(2026, 1, 21, 12, 0, 0, DateTimeKind.Utc);

    private static readonly V1Alpha1McpTap s_tap = new()
    {
        Metadata = new V1ObjectMeta { Name = "shop" },
        Spec = new() { Interface = "any", AdditionalPorts = [9090] },
        Status = new()
        {
            DesiredNodes = 2,
            ReadyNodes = 1,
            Packets = new()
            {
                Total = 900,
                Filtered = 500,
                Captured = 400,
                Dropped = 7,
            },
            Calls = new() { Total = 50, Errors = 3 },
            Conditions =
            [
                new V1Condition
                {
                    Type = "Ready",
                    Status = "False",
                    Reason = "AgentsNotReady",
                    Message = "1 of 2 agents are ready.",
                },
            ],
            Nodes =
            [
                new()
                {
                    Node = "n1",
                    Phase = NodePhase.Running,
                    Captured = 400,
                    Dropped = 7,
                    RingHighestPercent = 63,
                    LastReportTime = s_now.AddSeconds(-9),
                },
                new()
                {
                    Node = "n2",
                    Phase = NodePhase.Failed,
                    Message = "no interface [red]'eth9'[/]\u001b[2J",
                },
            ],
        },
    };

    [Fact]
    public void A_tap_is_one_line_and_each_of_its_nodes_another()
    {
        Assert.Matches(
            @"^shop +any +8080,9090 +1/2 +400 +7 +50 +3 +AgentsNotReady *$",
            Lines(TapTables.Taps([s_tap], wide: false))[1]
        );
        string[] nodes = Lines(TapTables.Nodes([s_tap], wide: false, s_now));
        Assert.Matches(@"^shop +n1 +Running +400 +7 +9s *$", nodes[1]);
        Assert.Matches(@"^shop +n2 +Failed +0 +0 +- *$", nodes[2]);
    }

    [Theory]
    [InlineData("True", "True", "False", "PortConflict")]
    [InlineData("True", "False", "True", "RingFull")]
    [InlineData("True", "False", "False", "Running")]
    [InlineData("False", "True", "True", "AgentsNotReady")]
    public void A_tap_whose_agents_are_ready_and_with_which_something_is_wrong_does_not_show_as_running(
        string ready,
        string degraded,
        string loss,
        string shown
    )
    {
        var tap = new V1Alpha1McpTap
        {
            Metadata = new V1ObjectMeta { Name = "shop" },
            Status = new()
            {
                Conditions =
                [
                    Condition("Ready", ready, ready == "True" ? "Running" : "AgentsNotReady"),
                    Condition("Degraded", degraded, "PortConflict"),
                    Condition("DataLoss", loss, "RingFull"),
                ],
            },
        };
        Assert.EndsWith(shown, Lines(TapTables.Taps([tap], wide: false))[1].TrimEnd(), StringComparison.Ordinal);

        static V1Condition Condition(string type, string status, string reason) =>
            new()
            {
                Type = type,
                Status = status,
                Reason = reason,
                Message = "message",
            };
    }

    [Fact]
    public void The_wide_tables_have_messages_which_are_text_and_never_markup()
    {
        Assert.Contains(
            "1 of 2 agents are ready.",
            Lines(TapTables.Taps([s_tap], wide: true))[1],
            StringComparison.Ordinal
        );
        string[] nodes = Lines(TapTables.Nodes([s_tap], wide: true, s_now));
        Assert.Matches(@"^shop +n1 +Running +0 +0 +400 +7 +63 % +9s +- *$", nodes[1]);
        Assert.Contains(@"no interface [red]'eth9'[/]\u{1b}[2J", nodes[2], StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_not_read_stands_by_its_kind_where_there_is_any()
    {
        Assert.Null(TapTables.Unread([s_tap]));
        V1Alpha1McpTap tap = new()
        {
            Metadata = s_tap.Metadata,
            Spec = s_tap.Spec,
            Status = new()
            {
                Calls = new()
                {
                    Unread = new() { Tls = 12, MalformedJson = 3 },
                },
            },
        };
        string[] lines = [.. Lines(TapTables.Unread([s_tap, tap])!).Where(line => line.Trim().Length > 0)];
        Assert.Equal(3, lines.Length);
        Assert.Matches("^shop +tls +12 *$", lines[1]);
        Assert.Matches("^shop +malformedJson +3 *$", lines[2]);
    }

    [Fact]
    public void Drops_are_red_where_there_are_any()
    {
        Assert.Contains(
            "\u001b[91m7\u001b[0m",
            Render(TapTables.Taps([s_tap], wide: false), colours: true),
            StringComparison.Ordinal
        );
        Assert.DoesNotContain(
            "\u001b[91m0",
            Render(TapTables.Nodes([s_tap], wide: false, s_now), colours: true),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Metrics_are_read_with_their_labels_and_times()
    {
        const string Text = """
            # HELP ocx_x Something.
            # TYPE ocx_x counter
            ocx_x 42
            ocx_y{a="b c",d="}"} 1.5e3 1700000000000
            nonsense
            ocx_z{a="b"} NaN
            """;

        Assert.Equal(
            [new("ocx_x", 42), new("""ocx_y{a="b c",d="}"}""", 1500), new("""ocx_z{a="b"}""", double.NaN)],
            Series.Parse(Text)
        );
    }

    [Theory]
    [InlineData(2, "status", "--agent", "ftp://127.0.0.1")]
    [InlineData(1, "status", "--agent", "http://127.0.0.1:1")]
    [InlineData(2, "status", "--kubeconfig", "/no/such/file")]
    public async Task What_does_not_answer_is_one_line(int code, params string[] arguments)
    {
        Ocx wrong = await Ocx.RunAsync(arguments);

        Assert.Equal(code, wrong.ExitCode);
        Assert.Single(wrong.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData("table")]
    [InlineData("wide")]
    [InlineData("json")]
    public async Task An_agent_that_answers_with_anything_drives_no_terminal(string format)
    {
        // A charset that there is not, an escape sequence, a turn of direction, broken UTF-8, values out of range, many
        // series.
        byte[] metrics =
        [
            .. Encoding.UTF8.GetBytes("ocx_a{tool=\"\u001b[2J\u202e\"} 7\nocx_b{tool=\""),
            0xFF,
            0xED,
            0xA0,
            0x80,
            .. "\"} 1e999\n"u8,
            .. Encoding.UTF8.GetBytes(
                string.Concat(Enumerable.Range(0, 11_000).Select(i => $"ocx_c{{n=\"{i}\"}} 1\n"))
            ),
        ];
        await using var agent = new AnsweringServer("200 OK", "text/plain; charset=x-none", metrics);

        Ocx status = await Ocx.RunAsync("status", "--agent", agent.Url, "-o", format);

        Assert.Equal(0, status.ExitCode);
        Assert.DoesNotContain(status.Output, c => c != '\n' && (char.IsControl(c) || c == '\u202e'));
        // A table of 10,000 rows, and what is more is told of.
        Assert.Equal(format == "json", status.Errors.Length == 0);
    }

    private static string[] Lines(Table table) => Render(table, colours: false).Split('\n');

    private static string Render(Table table, bool colours)
    {
        using var output = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Out = new AnsiConsoleOutput(output),
                Ansi = colours ? AnsiSupport.Yes : AnsiSupport.No,
                ColorSystem = colours ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            }
        );
        console.Profile.Width = 400;
        console.Write(table);
        return output.ToString();
    }
}
