using System.Buffers;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Ocx.Mcp.Records;
using Ocx.Mcp.Tests.Calls;
using Ocx.Text;

namespace Ocx.Mcp.Tests.Records;

/// <summary>What is read of a record is what was written: the two sides are one contract.</summary>
public sealed class RecordedCallTests
{
    private static readonly string?[] s_answers =
    [
        Calls.Peer.Result(1),
        Calls.Peer.Result(1, """{"isError":true,"content":[{"type":"text","text":"no"}]}"""),
        """{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"no such method"}}""",
        null,
    ];

    public static TheoryData<string> Sessions =>
        ["ts-streamable", "ts-sse", "cs-2.4-latest-stateless", "cs-1.4-2025-03-26"];

    [Theory]
    [MemberData(nameof(Sessions))]
    public void Each_call_of_a_real_session_is_read_as_it_was_written(string capture)
    {
        int calls = 0;
        var tracked = new Tracked { Look = call => calls += AssertReadAsWritten(call) };
        foreach (byte[] packet in Captures.Packets(capture))
        {
            Captures.Read(packet, (in Mcp.Tcp.TcpSegment segment) => tracked.Tracker.Accept(segment));
            tracked.Now = 2_000_000_000_000_000_000;
        }

        tracked.Flush();
        Assert.InRange(calls, 10, 100);
    }

    [Fact]
    public void Calls_of_any_names_arguments_and_peers_are_read_as_they_were_written() =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(500),
            Prop.ForAll(
                (
                    from texts in Gen.ArrayOf(ArbMap.Default.GeneratorFor<string?>(), 12)
                    from number in Gen.Choose(0, int.MaxValue)
                    select (Texts: texts, Number: number)
                ).ToArbitrary(),
                random => Holds([.. random.Texts.Select(text => text ?? "\ud83d")], random.Number)
            )
        );

    [Fact]
    public void A_member_that_is_newer_than_the_reader_is_written_anew_and_who_saw_the_call_stands_before_it()
    {
        const string Line =
            """{"start":"2026-01-21T12:00:00.000000001Z","durationNs":1"""
            + ""","method":"ping","status":"odd","newer":{"a":[1,"\u0007"]},"node":"forged"}""";
        Assert.True(RecordedCall.TryRead(Encoding.UTF8.GetBytes(Line), out RecordedCall? call));

        string written = Write((call with { Tap = "t", Node = "n" }).WriteTo);

        Assert.Equal(
            """{"tap":"t","node":"n","start":"2026-01-21T12:00:00.000000001Z","durationNs":1"""
                + ""","method":"ping","status":"odd","newer":{"a":[1,"\u0007"]}}""",
            written
        );
        Assert.Equal(("odd", false, null), (call.Status, call.IsError, call.TimeToFirstByteNs));
    }

    private static bool Holds(string[] texts, int number)
    {
        PeerIdentity Peer(int from) =>
            new()
            {
                Namespace = texts[from],
                Pod = texts[from + 1],
                Workload = texts[from + 2],
                Node = texts[from + 3],
                Container = texts[from + 4],
                Comm = texts[from],
                Pid = number,
            };
        int calls = 0;
        var tracked = new Tracked
        {
            Look = call =>
            {
                (call.ClientIdentity, call.ServerIdentity) = (Peer(0), number % 2 == 0 ? Peer(5) : null);
                calls += AssertReadAsWritten(call);
            },
        };
        string name = JsonSerializer.Serialize(texts[10]),
            argument = JsonSerializer.Serialize(texts[11]);
        var wire = new Wire()
            .Open()
            .FromClient(
                Calls.Peer.Post(
                    $$$"""{"jsonrpc":"2.0","id":1,"method":{{{(number % 3 == 0 ? name : "\"tools/call\"")}}}"""
                        + $$$""","params":{"name":{{{name}}},"arguments":{"a":{{{argument}}},"b":{{{number}}} } } }"""
                )
            );
        string? answer = s_answers[number % s_answers.Length];
        tracked
            .Feed(
                answer is null
                    ? wire.FromServer(Calls.Peer.Status("500 No", ""))
                    : wire.FromServer(Calls.Peer.Ok(answer))
            )
            .Flush();
        return calls == tracked.Json.Count;
    }

    private static int AssertReadAsWritten(CallRecord call)
    {
        string line = Write(writer => CallRecordWriter.Write(writer, call));
        Assert.True(RecordedCall.TryRead(Encoding.UTF8.GetBytes(line), out RecordedCall? read), line);
        Assert.Equal(
            (
                call.StartUnixNs,
                call.DurationNs,
                call.TimeToFirstByteNs,
                WellFormed(call.Method),
                WellFormed(call.Name),
                CallRecordWriter.Name(call.Status)
            ),
            (read.StartUnixNs, read.DurationNs, read.TimeToFirstByteNs ?? -1, read.Method, read.Name, read.Status)
        );
        Assert.Equal(
            (
                call.ErrorCode,
                call.HttpStatus,
                CallRecordWriter.Name(call.Completeness),
                call.ProtocolVersion,
                call.Session,
                call.FromServer
            ),
            (read.ErrorCode, read.HttpStatus, read.Completeness, read.ProtocolVersion, read.Session, read.FromServer)
        );
        Assert.Equal(
            (call.RequestBytes, call.ResponseBytes, call.Progress, call.HeaderMismatch),
            (read.RequestBytes, read.ResponseBytes, read.Progress, read.HeaderMismatch)
        );
        Assert.Equal(
            (call.Arguments.IsEmpty, call.ArgumentsCut, call.Result.IsEmpty, call.ResultCut),
            (read.Arguments.IsEmpty, read.ArgumentsCut, read.Result.IsEmpty, read.ResultCut)
        );
        Assert.Equal(Expected(call.Client, call.ClientInfo, call.ClientIdentity), read.Client);
        Assert.Equal(Expected(call.Server, call.ServerInfo, call.ServerIdentity), read.Server);
        Assert.Equal(
            call.Status is CallStatus.ToolError or CallStatus.RpcError or CallStatus.HttpError or CallStatus.Timeout,
            read.IsError
        );
        Assert.Equal(line, Write(read.WriteTo));
        return 1;
    }

    private static RecordedPeer Expected(
        Mcp.Tcp.IpEndpoint end,
        (string Name, string Version) info,
        PeerIdentity? known
    )
    {
        PeerIdentity who = known ?? new();
        return new()
        {
            Address = end.ToIPAddress().ToString(),
            Port = end.Port,
            Name = WellFormed(info.Name),
            Version = WellFormed(info.Version),
            Identity = new()
            {
                Namespace = WellFormed(who.Namespace),
                Pod = WellFormed(who.Pod),
                Workload = WellFormed(who.Workload),
                Node = WellFormed(who.Node),
                Container = WellFormed(who.Container),
                Pid = who.Pid,
                Comm = WellFormed(who.Comm),
            },
        };
    }

    // Half a surrogate pair is no text, and becomes U+FFFD on its way out.
    private static string WellFormed(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    private static string Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, WireJson.WriterOptions))
        {
            write(writer);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
