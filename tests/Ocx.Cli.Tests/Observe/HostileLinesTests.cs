using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Ocx.Mcp.Records;
using Ocx.Text;
using Properties = FsCheck.Check;

namespace Ocx.Cli.Tests.Observe;

/// <summary>
/// Whatever stands in an agent's log: no line ends the command, hides another line, or makes two of one.
/// </summary>
public sealed class HostileLinesTests
{
    // As an agent writes them, all members and the payloads included.
    private static readonly string[] s_lines =
    [
        AgentLines.Line(
            "echo",
            clientNamespace: "shop",
            clientPod: "cart-1",
            clientWorkload: "deployment/cart",
            serverPod: "search-0"
        ),
        AgentLines.Line("", "rpc_error", ms: 2, method: "tools/list", errorCode: -32601),
        """{"start":"2026-01-21T12:00:00.000000001Z","durationNs":5,"timeToFirstByteNs":4"""
            + ""","method":"tools/call","name":"n","status":"ok","httpStatus":200"""
            + ""","completeness":"complete","protocolVersion":"2025-11-25","session":"s","client":"""
            + """{"address":"::1","port":1,"pid":7,"comm":"c"},"server":{"address":"10.0.0.2","port":65535}"""
            + ""","fromServer":true,"requestBytes":1,"responseBytes":2,"progress":3,"headerMismatch":true"""
            + ""","arguments":{"a":[1,{"b":"c"}]},"result":{"x":-1.5e300}}""",
    ];

    private static readonly string[] s_pieces =
    [
        "\u001b[2J",
        "\u009b31m",
        "\u202e",
        "\u200b",
        "\u2028",
        "\r",
        "\n",
        "\t",
        "\0",
        "\\ud83d",
        "\\udc00",
        "\\u0000",
        "\\u001b",
        "\\n",
        "\"",
        "\\",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"status\":\"ok\",",
        "\"st\\u0061tus\":\"ok\",",
        "9223372036854775808",
        "-1",
        "1e999",
        "99999999999999999999999999",
        "true",
        "null",
        new string('[', 300),
        new string('[', 20_000),
        new string(']', 300),
        "{\"@t\":",
        "2999-12-31T23:59:59.999999999Z",
        "\ud83d\ude00",
        "\udb40\udc41",
        new string('x', 3000),
    ];

    [Fact]
    public void Any_damage_to_lines_is_left_out_or_shown_one_line_a_call_and_hides_no_other() =>
        Properties.One(
            Config.QuickThrowOnFailure.WithMaxTest(200),
            Prop.ForAll(
                Gen.Choose(0, int.MaxValue).ToArbitrary(),
                seed => HoldsFor(Log(new System.Random(seed), out int whole), whole)
            )
        );

    [Theory]
    [InlineData("\"port\":40000", "\"port\":4294967376")]
    [InlineData("\"port\":40000", "\"port\":-1")]
    [InlineData("\"durationNs\":1500000", "\"durationNs\":-5")]
    [InlineData("\"durationNs\":1500000", "\"durationNs\":9223372036854775808")]
    [InlineData("\"requestBytes\":120", "\"requestBytes\":1e999")]
    [InlineData("\"start\":\"2026-", "\"start\":\"9999-")]
    [InlineData("\"start\":\"2026-", "\"start\":\"0001-")]
    [InlineData("\"status\":\"ok\"", "\"status\":\"ok\",\"status\":\"rpc_error\"")]
    [InlineData("\"status\":\"ok\"", "\"status\":\"ok\",\"st\\u0061tus\":\"rpc_error\"")]
    [InlineData("\"status\":\"ok\"", "\"status\":[\"ok\"]")]
    [InlineData("\"client\":{", "\"client\":7,\"x\":{")]
    public async Task What_no_agent_writes_is_skipped_counted_and_said_once(string part, string forged)
    {
        string line = AgentLines.Line("echo").Replace(part, forged, StringComparison.Ordinal);
        Assert.NotEqual(AgentLines.Line("echo"), line);

        Ocx observe = await Ocx.RunAsync(
            AgentLines.Log(line, AgentLines.Line("after"), line, line),
            "observe",
            "--input",
            "-",
            "-o",
            "json"
        );

        Assert.Equal(0, observe.ExitCode);
        Assert.Contains("\"after\"", Assert.Single(observe.Lines), StringComparison.Ordinal);
        Assert.Equal(2, observe.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("3 lines could not be read", observe.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("table")]
    [InlineData("wide")]
    [InlineData("json")]
    public async Task Half_a_surrogate_pair_and_deep_nesting_end_no_one_s_view(string format)
    {
        string half = AgentLines.Line("TOOL").Replace("TOOL", "a\\ud83d", StringComparison.Ordinal);
        string deep = AgentLines
            .Line("deep")
            .Replace(
                "\"status\"",
                $"\"arguments\":{new string('[', 500)}{new string(']', 500)},\"status\"",
                StringComparison.Ordinal
            );
        string deeper = AgentLines
            .Line("deeper")
            .Replace(
                "\"status\"",
                $"\"arguments\":{new string('[', 9000)}{new string(']', 9000)},\"status\"",
                StringComparison.Ordinal
            );

        Ocx observe = await Ocx.RunAsync(
            AgentLines.Log(half, deep, deeper, AgentLines.Line("after")),
            "observe",
            "--input",
            "-",
            "-o",
            format
        );

        Assert.Equal(0, observe.ExitCode);
        Assert.Equal(format == "json" ? 3 : 4, observe.Lines.Length);
        Assert.Contains("a\ufffd", observe.Lines[^3], StringComparison.Ordinal);
        Assert.Contains("after", observe.Lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_of_any_length_is_cut_in_a_table_and_whole_in_JSON()
    {
        byte[] log = AgentLines.Log(AgentLines.Line(new string('n', 500_000)));

        Ocx table = await Ocx.RunAsync(log, "observe", "--input", "-", "-o", "wide");
        Ocx json = await Ocx.RunAsync(log, "observe", "--input", "-", "-o", "json");
        Ocx top = await Ocx.RunAsync(log, "top", "--input", "-");

        Assert.All([.. table.Lines, .. top.Lines], line => Assert.InRange(line.Length, 1, 1100));
        Assert.Contains('…', table.Output);
        Assert.InRange(Assert.Single(json.Lines).Length, 500_000, 501_000);
    }

    // Some lines that are whole between some that are damaged.
    private static byte[] Log(System.Random random, out int whole)
    {
        var log = new MemoryStream();
        whole = random.Next(1, 5);
        for (int i = 0; i < whole; i++)
        {
            for (int damaged = random.Next(4); damaged > 0; damaged--)
            {
                log.Write(Damaged(random));
                log.WriteByte((byte)'\n');
            }

            log.Write(AgentLines.Log(AgentLines.Line($"whole-{i}")));
        }

        return log.ToArray();
    }

    private static byte[] Damaged(System.Random random)
    {
        byte[] line = Encoding.UTF8.GetBytes(s_lines[random.Next(s_lines.Length)]);
        for (int hits = random.Next(1, 4); hits > 0; hits--)
        {
            int at = random.Next(line.Length);
            byte[] piece = Encoding.UTF8.GetBytes(s_pieces[random.Next(s_pieces.Length)]);
            switch (random.Next(4))
            {
                case 0:
                    line[at] = (byte)random.Next(256);
                    break;
                case 1:
                    line[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    line = [.. line[..at], .. piece, .. line[at..]];
                    break;
                default:
                    line = [.. line[..at], .. piece, .. line[Math.Min(line.Length, at + random.Next(1, 12))..]];
                    break;
            }
        }

        return line;
    }

    private static bool HoldsFor(byte[] log, int whole)
    {
        int? calls = null;
        foreach (string format in (string[])["json", "table", "wide"])
        {
            Ocx observe = Ocx.RunAsync(log, "observe", "--input", "-", "-o", format).GetAwaiter().GetResult();
            string[] lines = format == "json" ? observe.Lines : observe.Lines[1..];
            calls ??= lines.Length;
            Assert.Equal((0, calls), (observe.ExitCode, lines.Length));
            Assert.DoesNotContain(
                (observe.Output + observe.Errors).EnumerateRunes(),
                rune => rune.Value != '\n' && !WireText.IsPlain(rune) && rune != Rune.ReplacementChar
            );
            Assert.Equal(
                Enumerable.Range(0, whole).Select(i => $"whole-{i}"),
                lines
                    .SelectMany(line => line.Split('"', ' '))
                    .Where(word => word.StartsWith("whole-", StringComparison.Ordinal))
            );
            if (format == "json")
            {
                Assert.All(lines, IsOneRecord);
            }
        }

        Ocx top = Ocx.RunAsync(log, "top", "--input", "-").GetAwaiter().GetResult();
        Assert.Equal(0, top.ExitCode);
        return true;
    }

    // Any reader can read it, and reads what was shown.
    private static void IsOneRecord(string line)
    {
        using JsonDocument strict = JsonDocument.Parse(line, new JsonDocumentOptions { MaxDepth = 600 });
        Assert.NotEmpty(strict.RootElement.GetProperty("status").GetString()!);
        Assert.True(RecordedCall.TryRead(Encoding.UTF8.GetBytes(line), out RecordedCall? again));
        Assert.Equal(strict.RootElement.GetProperty("method").GetString(), again.Method);
    }
}
