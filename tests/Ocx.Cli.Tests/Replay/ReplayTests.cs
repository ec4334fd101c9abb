using System.Diagnostics;
using System.Text.Json;
using Ocx.Tests.Captures;

namespace Ocx.Cli.Tests.Replay;

/// <summary>
/// <c>ocx replay</c>: recorded sessions of real clients and servers, in each shape that a capture file has.
/// </summary>
public sealed class ReplayTests
{
    public static TheoryData<string, int, bool, bool> Shapes =>
        new()
        {
            { "raw IP, big-endian", 101, true, false },
            { "raw IP, nanoseconds", 101, false, true },
            { "raw IP, big-endian nanoseconds", 101, true, true },
            { "raw IPv4", 228, false, false },
            { "BSD loopback", 0, false, false },
            { "OpenBSD loopback", 108, false, false },
            { "Ethernet with a VLAN tag", 1, false, false },
            { "Ethernet with two VLAN tags", 1, false, false },
            { "Ethernet with padding", 1, false, false },
            { "Linux cooked", 113, false, false },
            { "Linux cooked 2", 276, false, false },
            { "Linux cooked 2 with a VLAN tag", 276, false, false },
            { "raw IPv4 with options", 101, false, false },
            { "raw IPv6 with extension headers", 101, false, false },
        };

    [Theory]
    [MemberData(nameof(CaptureFiles.Names), MemberType = typeof(CaptureFiles))]
    public async Task Each_recorded_session_shows_its_calls_and_every_packet_is_read(string name)
    {
        Ocx table = await Ocx.RunAsync("replay", CaptureFiles.PathOf(name));
        Ocx json = await Ocx.RunAsync("replay", CaptureFiles.PathOf(name), "-o", "json");

        Assert.Equal(0, table.ExitCode);
        Assert.StartsWith("TIME ", table.Lines[0], StringComparison.Ordinal);
        Assert.Contains(table.Lines, line => line.Contains(" tools/call ", StringComparison.Ordinal));
        Assert.Contains(table.Lines, line => line.EndsWith(" ok", StringComparison.Ordinal));
        Assert.Equal(table.Lines.Length - 1, json.Lines.Length);
        Assert.Contains($", {json.Lines.Length} calls, 0 gaps", json.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("malformed", json.Errors, StringComparison.Ordinal);
        Assert.All(
            json.Lines,
            line =>
                Assert.Equal("complete", JsonDocument.Parse(line).RootElement.GetProperty("completeness").GetString())
        );
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task The_same_packets_give_the_same_calls_whatever_the_file_looks_like(
        string shape,
        int linkType,
        bool bigEndian,
        bool nanoseconds
    )
    {
        byte[] file = CaptureFiles.Pcap(
            CaptureFiles.Streamable,
            linkType,
            ip => Frame(shape, ip),
            bigEndian,
            nanoseconds
        );
        bool v6 = shape.Contains("IPv6", StringComparison.Ordinal);

        Ocx original = await Ocx.RunAsync("replay", CaptureFiles.PathOf(CaptureFiles.Streamable), "-o", "json");
        Ocx other = await Ocx.RunAsync(file, "replay", "-", "-o", "json");

        Assert.Equal(0, other.ExitCode);
        Assert.Equal(original.Lines.Length, other.Lines.Length);
        Assert.Equal(
            v6 ? original.Lines.Select(WithoutAddresses) : original.Lines,
            v6 ? other.Lines.Select(WithoutAddresses) : other.Lines
        );
    }

    [Theory]
    [InlineData("table")]
    [InlineData("wide")]
    [InlineData("json")]
    public async Task Half_a_surrogate_pair_in_a_name_arguments_and_result_is_one_call_that_is_ok(string format)
    {
        Ocx replay = await Ocx.RunAsync("replay", CaptureFiles.PathOf("field/lone_surrogate"), "-o", format);

        Assert.Equal(0, replay.ExitCode);
        Assert.Equal(format == "json" ? 1 : 2, replay.Lines.Length);
        Assert.Contains(format == "json" ? "\"status\":\"ok\"" : " ok", replay.Lines[^1], StringComparison.Ordinal);
        Assert.Contains(" 1 calls", replay.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_packet_with_a_time_in_the_far_future_ends_no_call()
    {
        Ocx original = await Ocx.RunAsync("replay", CaptureFiles.PathOf(CaptureFiles.Streamable), "-o", "json");
        byte[] file = CaptureFiles.Read(CaptureFiles.Streamable);
        byte[] stray = [.. CaptureFiles.Words(false, uint.MaxValue, 0, 4, 4), 1, 2, 3, 4];
        IEnumerable<byte[]> records = CaptureFiles.Records(file).ToArray();
        byte[] disturbed = [.. file[..24], .. records.SelectMany(record => (byte[])[.. record, .. stray])];
        byte[] once = [.. file[..24], .. records.First(), .. stray, .. records.Skip(1).SelectMany(record => record)];

        foreach (byte[] input in new[] { disturbed, once })
        {
            Ocx replay = await Ocx.RunAsync(input, "replay", "-", "-o", "json");
            Assert.Equal(original.Lines, replay.Lines);
        }
    }

    [Fact]
    public async Task The_wide_table_has_addresses_sizes_and_the_revision()
    {
        Ocx wide = await Ocx.RunAsync("replay", CaptureFiles.PathOf(CaptureFiles.Streamable), "-o", "wide");

        Assert.Contains("SERVER-ADDRESS", wide.Lines[0], StringComparison.Ordinal);
        Assert.Contains(
            wide.Lines,
            line =>
                line.Contains("127.0.0.1:", StringComparison.Ordinal)
                && line.Contains("2025-", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task A_port_that_nobody_used_leaves_the_columns_alone()
    {
        Ocx none = await Ocx.RunAsync("replay", CaptureFiles.PathOf(CaptureFiles.Streamable), "--port", "1,2");

        Assert.Equal(0, none.ExitCode);
        Assert.StartsWith("TIME ", Assert.Single(none.Lines), StringComparison.Ordinal);
        Assert.Contains(" 0 segments, 0 calls", none.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_cut_in_its_middle_shows_what_it_held_and_says_so()
    {
        byte[] file = CaptureFiles.Read(CaptureFiles.Streamable);

        Ocx cut = await Ocx.RunAsync(file[..(file.Length - 7)], "replay", "-");

        Assert.Equal(1, cut.ExitCode);
        Assert.Contains(cut.Lines, line => line.Contains(" tools/call ", StringComparison.Ordinal));
        Assert.Contains("ends in the middle", cut.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("GET / HTTP/1.1\r\n\r\n", "neither pcap nor pcapng")]
    public async Task What_is_no_capture_file_is_named_in_one_line(string text, string said)
    {
        Ocx wrong = await Ocx.RunAsync(System.Text.Encoding.ASCII.GetBytes(text), "replay", "-");

        Assert.Equal(2, wrong.ExitCode);
        Assert.Empty(wrong.Output);
        Assert.Contains(said, wrong.Errors, StringComparison.Ordinal);
        Assert.Single(wrong.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData("replay", "/no/such/file")]
    [InlineData("replay")]
    [InlineData("replay", "-", "--port", "70000")]
    [InlineData("replay", "-", "-o", "yaml")]
    [InlineData("unknown")]
    public async Task What_cannot_start_ends_with_2_and_one_line(params string[] arguments)
    {
        Ocx wrong = await Ocx.RunAsync(arguments);

        Assert.Equal(2, wrong.ExitCode);
        Assert.StartsWith(
            "ocx: ",
            Assert.Single(wrong.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_file_that_tshark_s_editcap_wrote_as_pcapng_gives_the_same_calls()
    {
        string path = Path.Combine(Path.GetTempPath(), $"ocx-{Guid.NewGuid():n}.pcapng");
        try
        {
            using Process editcap = Process.Start(
                "/usr/bin/editcap",
                ["-F", "pcapng", CaptureFiles.PathOf(CaptureFiles.Streamable), path]
            );
            await editcap.WaitForExitAsync(TestContext.Current.CancellationToken);

            Ocx original = await Ocx.RunAsync("replay", CaptureFiles.PathOf(CaptureFiles.Streamable), "-o", "json");
            Ocx converted = await Ocx.RunAsync("replay", path, "-o", "json");

            Assert.Equal(0, converted.ExitCode);
            Assert.Equal(original.Lines, converted.Lines);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static string WithoutAddresses(string line)
    {
        JsonElement call = JsonDocument.Parse(line).RootElement;
        return $"{call.GetProperty("start")} {call.GetProperty("durationNs")} {call.GetProperty("method")} "
            + $"{call.GetProperty("status")} {call.GetProperty("client").GetProperty("port")}";
    }

    private static byte[] Frame(string shape, byte[] ip)
    {
        byte[] macs = new byte[12];
        return shape switch
        {
            "BSD loopback" => [2, 0, 0, 0, .. ip],
            "OpenBSD loopback" => [0, 0, 0, 2, .. ip],
            "Ethernet with a VLAN tag" => [.. macs, 0x81, 0, 0, 5, 8, 0, .. ip],
            "Ethernet with two VLAN tags" => [.. macs, 0x88, 0xA8, 0, 5, 0x81, 0, 0, 6, 8, 0, .. ip],
            "Ethernet with padding" => [.. macs, 8, 0, .. ip, .. new byte[30]],
            "Linux cooked" => [0, 0, 3, 4, 0, 6, .. new byte[8], 8, 0, .. ip],
            "Linux cooked 2" => [8, 0, 0, 0, 0, 0, 0, 1, 3, 4, 0, 6, .. new byte[8], .. ip],
            "Linux cooked 2 with a VLAN tag" =>
            [
                0x81,
                0,
                0,
                0,
                0,
                0,
                0,
                1,
                3,
                4,
                0,
                6,
                .. new byte[8],
                0,
                5,
                8,
                0,
                .. ip,
            ],
            "raw IPv4 with options" => CaptureFiles.WithOptions(ip),
            "raw IPv6 with extension headers" => Encapsulations.AsIPv6(ip),
            _ => ip,
        };
    }
}
