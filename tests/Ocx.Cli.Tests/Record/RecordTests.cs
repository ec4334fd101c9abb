using System.Diagnostics;
using System.Net;
using System.Runtime.Versioning;
using System.Text.Json;
using Ocx.Cli.Pcap;
using Ocx.Cli.Record;
using Ocx.Mcp.Tcp;
using Ocx.Text;

namespace Ocx.Cli.Tests.Record;

/// <summary>
/// <c>ocx record</c>: segments as an agent prints them become a file that other tools and <c>ocx replay</c> read.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class RecordTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ocx-record-").FullName;

    private string Target => Path.Combine(_folder, "traffic.pcapng");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_an_agent_printed_replays_to_the_same_calls_and_tshark_finds_its_checksums_right(bool v6)
    {
        Ocx record = await RecordAsync(Script(SegmentLines(v6)));
        Ocx original = await Ocx.RunAsync("replay", CaptureFiles.PathOf(CaptureFiles.Streamable), "-o", "json");
        Ocx replay = await Ocx.RunAsync("replay", Target, "-o", "json");

        Assert.True(record.ExitCode == 0, record.Errors);
        Assert.Contains("not redacted", record.Errors, StringComparison.Ordinal);
        Assert.Contains("the time is over", record.Errors, StringComparison.Ordinal);
        Assert.Equal(original.Lines.Select(Told), replay.Lines.Select(Told));
        string[] tshark = (
            await RunAsync(
                "/usr/bin/tshark",
                "-r",
                Target,
                "-o",
                "ip.check_checksum:TRUE",
                "-o",
                "tcp.check_checksum:TRUE",
                "-T",
                "fields",
                "-e",
                "frame.time_epoch",
                "-e",
                "tcp.checksum.status",
                "-e",
                v6 ? "ipv6.src" : "ip.checksum.status"
            )
        ).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(SegmentLines(v6).Length, tshark.Length);
        Assert.All(tshark, line => Assert.Matches(v6 ? @"^\d+\.\d{9}\t1\tfd00::" : @"^\d+\.\d{9}\t1\t1$", line));
    }

    [Fact]
    public async Task The_file_is_its_owner_s_alone_and_another_one_is_not_written_over()
    {
        string agent = Script(SegmentLines(false));
        Assert.Equal(0, (await RecordAsync(agent)).ExitCode);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Target));

        Ocx again = await RecordAsync(agent);
        Ocx forced = await RecordAsync(agent, "--force");

        Assert.Equal((2, 0), (again.ExitCode, forced.ExitCode));
        Assert.Contains("--force", again.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_file_ends_the_recording_and_is_whole()
    {
        Ocx record = await RecordAsync(Script(SegmentLines(false)), "--max-size", "8Ki");

        Assert.Equal(0, record.ExitCode);
        Assert.Contains("--max-size", record.Errors, StringComparison.Ordinal);
        Assert.InRange(new FileInfo(Target).Length, 4 << 10, 8 << 10);
        Assert.Equal(0, (await Ocx.RunAsync("replay", Target)).ExitCode);
    }

    [Fact]
    public async Task An_agent_that_fails_or_is_not_there_is_told()
    {
        Ocx fails = await RecordAsync(Script([], exitCode: 2));
        Ocx missing = await RecordAsync("/no/such/agent", "--force");

        Assert.Equal(1, fails.ExitCode);
        Assert.Contains("the agent ended with 2", fails.Errors, StringComparison.Ordinal);
        Assert.Equal(2, missing.ExitCode);
        Assert.Contains("--agent-path", missing.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_segment_larger_than_a_packet_becomes_several_that_follow_each_other()
    {
        var segment = new RecordedSegment(
            1,
            new IPEndPoint(IPAddress.Parse("10.0.0.1"), 1),
            new IPEndPoint(IPAddress.Parse("10.0.0.2"), 2),
            100,
            65_536,
            new byte[65_536]
        );

        byte[][] packets = [.. new SegmentPackets().Of(segment).Select(packet => packet.Packet)];

        uint next = 100;
        foreach (byte[] packet in packets)
        {
            var captured = new CapturedPacket
            {
                LinkType = LinkType.Raw,
                TimestampUnixNs = 1,
                OriginalLength = packet.Length,
                Data = packet,
            };
            Assert.Equal(PacketKind.Segment, SegmentParser.Parse(captured, out TcpSegment parsed));
            Assert.Equal(next, parsed.Sequence);
            next += (uint)parsed.Length;
        }

        Assert.Equal((2, 100u + 65_536), (packets.Length, next));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private Task<Ocx> RecordAsync(string agent, params string[] more) =>
        Ocx.RunAsync(["record", "-w", Target, "--agent-path", agent, "--duration", "5s", .. more]);

    // The agent itself needs a kernel to tap: what it would print is printed by a shell.
    private string Script(string[] lines, int exitCode = 0)
    {
        string text = Path.Combine(_folder, "segments.json"),
            script = Path.Combine(_folder, "agent");
        File.WriteAllText(text, string.Concat(lines.Select(line => line + "\n")));
        File.WriteAllText(script, $"#!/bin/sh\ncat '{text}'\nexit {exitCode}\n");
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return script;
    }

    private static string[] SegmentLines(bool v6)
    {
        var lines = new List<string>();
        foreach ((uint seconds, uint micros, byte[] ip) in CaptureFiles.Packets(CaptureFiles.Streamable))
        {
            long time = (seconds * 1_000_000_000L) + (micros * 1000L) + 7;
            var packet = new CapturedPacket
            {
                LinkType = LinkType.Raw,
                TimestampUnixNs = time,
                OriginalLength = ip.Length,
                Data = ip,
            };
            if (SegmentParser.Parse(packet, out TcpSegment segment) == PacketKind.Segment && segment.Length > 0)
            {
                lines.Add(
                    JsonSerializer.Serialize(
                        new
                        {
                            timestamp = Rfc3339.Format(time),
                            source = new
                            {
                                address = v6 ? "fd00::1" : $"{segment.Source.ToIPAddress()}",
                                port = segment.Source.Port,
                            },
                            destination = new
                            {
                                address = v6 ? "fd00::1" : $"{segment.Destination.ToIPAddress()}",
                                port = segment.Destination.Port,
                            },
                            seq = segment.Sequence,
                            length = segment.Length,
                            payloadBase64 = Convert.ToBase64String(segment.Payload),
                        }
                    )
                );
            }
        }

        return [.. lines];
    }

    private static string Told(string line)
    {
        JsonElement call = JsonDocument.Parse(line).RootElement;
        return $"{call.GetProperty("method")} {(call.TryGetProperty("name", out JsonElement name) ? name : "")} "
            + $"{call.GetProperty("status")} {call.GetProperty("completeness")} {call.GetProperty("durationNs")}";
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true }
        )!;
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        return output;
    }
}
