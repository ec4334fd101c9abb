using Ocx.Audit.Wire;
using Ocx.Gate.Holding;
using Ocx.Mcp.Tcp;

namespace Ocx.Gate.Tests.Holding;

/// <summary>
/// A server that keeps its events sends them once more to whoever resumes a stream: no result comes so that is not
/// released.
/// </summary>
public sealed class ResumptionTests
{
    private const string StreamHead =
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";

    private const string Event =
        "id: 7\nevent: message\ndata: {\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"ann, ben, cai\"}]},"
        + "\"jsonrpc\":\"2.0\",\"id\":1}\n\n";

    // Another connection of the same client, and one of a client elsewhere.
    private static readonly IpEndpoint s_again = IpEndpoint.From([10, 0, 0, 1], 40001);
    private static readonly IpEndpoint s_elsewhere = IpEndpoint.From([10, 0, 0, 9], 40001);

    public static TheoryData<string, string, bool> SameSession =>
        new()
        {
            { "one", "one", true },
            { "one", "one", false },
            { "", "", true },
            { "one", "", true },
        };

    [Theory]
    [MemberData(nameof(SameSession))]
    public void A_result_that_was_withheld_does_not_come_on_a_resumed_stream(string posted, string resumed, bool here)
    {
        using var wire = new Wire(Wire.Audit());
        Call(wire, posted);
        wire.FromServer(StreamHead + Chunk(Event));
        wire.Decide(wire.Asked(), release: false);
        Assert.DoesNotContain("ann", wire.ClientGot);

        wire.FromAnother(here ? s_again : s_elsewhere, Get(resumed));
        Assert.Empty(wire.OthersSent);
        Assert.Contains("a result of its session was withheld", wire.OthersGot);
    }

    [Fact]
    public void The_stream_of_another_session_is_resumed()
    {
        using var wire = new Wire(Wire.Audit());
        Call(wire, "one");
        wire.FromServer(StreamHead + Chunk(Event));
        wire.Decide(wire.Asked(), release: false);

        wire.FromAnother(s_again, Get("two"));
        Assert.Equal(Get("two"), wire.OthersSent);
        wire.ToAnother(s_again, StreamHead + Chunk(Event));
        Assert.Contains("ann", wire.OthersGot);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_stream_that_broke_before_the_verdict_is_resumed_when_it_is_there(bool release)
    {
        using var wire = new Wire(Wire.Audit());
        Call(wire, "one");
        wire.FromServer(StreamHead + Chunk(Event));
        Opened asked = wire.Asked();
        wire.ResetByClient();
        wire.FromAnother(s_again, Get("one"));
        Assert.Empty(wire.OthersSent);

        wire.Decide(asked, release);
        if (release)
        {
            Assert.Equal(Get("one"), wire.OthersSent);
            wire.ToAnother(s_again, StreamHead + Chunk(Event));
            Assert.Equal(StreamHead + Chunk(Event), wire.OthersGot);
        }
        else
        {
            Assert.Empty(wire.OthersSent);
            Assert.Contains("a result of its session was withheld", wire.OthersGot);
        }
    }

    [Fact]
    public void A_stream_is_not_resumed_beside_the_one_whose_result_waits()
    {
        using var wire = new Wire(Wire.Audit());
        Call(wire, "one");
        Opened asked = wire.Asked();
        wire.FromAnother(s_again, Get("one"));
        Assert.Empty(wire.OthersSent);
        wire.Decide(asked, release: true);
        Assert.Equal(Get("one"), wire.OthersSent);
    }

    [Fact]
    public void With_Open_a_stream_is_resumed_and_counted()
    {
        using var wire = new Wire(Wire.Audit(GateFailurePolicy.Open));
        Call(wire, "one");
        wire.Decide(wire.Asked(), release: false);
        wire.FromAnother(s_again, Get("one"));
        Assert.Equal(Get("one"), wire.OthersSent);
    }

    [Fact]
    public void Of_more_sessions_than_are_known_none_is_resumed()
    {
        var withheld = new Withheld();
        for (int session = 0; session <= Withheld.Most; session++)
        {
            withheld.Note(s_again, $"s{session}", now: session);
        }

        Assert.True(withheld.May(s_elsewhere, "s0", Withheld.Most));
        Assert.True(withheld.May(s_elsewhere, "never seen", Withheld.Most));
        long aDayLater = 25L * 3600 * 1_000_000_000;
        Assert.False(withheld.May(s_elsewhere, "s0", aDayLater));
        Assert.False(withheld.May(s_elsewhere, "s4096", aDayLater));
    }

    private static void Call(Wire wire, string session)
    {
        wire.Open();
        wire.FromClient(Wire.Post("get_rows").Replace("host: rows\r\n", $"host: rows\r\n{Session(session)}"));
    }

    private static string Get(string session) =>
        $"GET /mcp HTTP/1.1\r\nhost: rows\r\n{Session(session)}accept: text/event-stream\r\nlast-event-id: 3\r\n\r\n";

    private static string Session(string session) => session.Length == 0 ? "" : $"mcp-session-id: {session}\r\n";

    private static string Chunk(string text) => $"{text.Length:x}\r\n{text}\r\n";
}
