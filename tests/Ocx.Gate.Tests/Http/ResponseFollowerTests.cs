using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Ocx.Gate.Http;
using Ocx.Mcp.Buffers;
using Ocx.Mcp.Http;

namespace Ocx.Gate.Tests.Http;

public class ResponseFollowerTests
{
    private const string Json = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
    private const string Stream = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n";

    [Theory]
    [InlineData(Json + "Content-Length: 2\r\n\r\n{}", "head@70 end@72")]
    [InlineData(Json + "Content-Length: 0\r\n\r\nHTTP/1.1 202 A\r\n\r\n", "head@70 end@70 head@88")]
    [InlineData("HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n", "head@46 end@46")]
    [InlineData("HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n", "head@57 end@57")]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 B\r\n\r\n", "head@25 end@25 head@43 end@43")]
    [InlineData("\r\n\nHTTP/1.0 200 OK\n\nall until close", "head@20")]
    [InlineData("HTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx", "head@35 end@36")]
    [InlineData(Json + "Transfer-Encoding: chunked\r\n\r\n2;a=b\r\n{}\r\n0\r\n\r\n", "head@79 end@95")]
    [InlineData(Json + "Transfer-Encoding: chunked\r\n\r\n002 \n{}\n0\nA: b\n\n", "head@79 end@95")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\n\r\n\0\r\nHTTP/1.1 200 OK\r\n\r\n", "head@36")]
    [InlineData(Stream + "\r\n: hi\n\ndata: {}\n\n\r\n", "head@52 begin@52 event@58 begin@58 event@68")]
    [InlineData(Stream + "\r\ndata: {}\r\n\r\ndata: {}\r\r", "head@52 begin@52 event@63 begin@64 event@74")]
    public void Points_of_interest_are_told(string bytes, string expected) =>
        Assert.Equal(expected, string.Join(' ', Follow(Encoding.UTF8.GetBytes(bytes)).Select(Told)));

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n")]
    [InlineData("HTTP/2.0 200 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 20x OK\r\n\r\n")]
    [InlineData("HTTP/1.1 600 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 2000 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\n{}")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\n{}")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}")]
    [InlineData(Json + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n")]
    [InlineData(Json + "Content-Length: 2\r\nContent-Type: text/event-stream\r\n\r\n{}")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/html, application/json\r\nContent-Length: 2\r\n\r\n{}")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\n{}")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\n{}")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n{}")]
    [InlineData("HTTP/1.1 200 OK\r\nno colon\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n: no name\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n folded: nothing\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nA: b\rContent-Length: 2\r\n\r\n{}")]
    [InlineData(Json + "Transfer-Encoding: chunked\r\n\r\nx\r\n")]
    [InlineData(Json + "Transfer-Encoding: chunked\r\n\r\n\r\n")]
    [InlineData(Json + "Transfer-Encoding: chunked\r\n\r\n 2\r\n{}\r\n0\r\n\r\n")]
    [InlineData(Json + "Transfer-Encoding: chunked\r\n\r\n2 2\r\n{}\r\n0\r\n\r\n")]
    [InlineData(Json + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}0\r\n\r\n")]
    [InlineData(Json + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n{}\r\n0\r\n\r\n")]
    public void What_can_be_understood_in_two_ways_is_lost(string bytes)
    {
        var follower = new ResponseFollower();
        Assert.Contains(ResponseEvent.Lost, Follow(Encoding.UTF8.GetBytes(bytes), follower).Select(each => each.What));
        Assert.True(follower.IsLost);
        Assert.Equal(bytes.Length, follower.Offset);
        Assert.Equal(ResponseEvent.Lost, follower.Advance("HTTP/1.1 200 OK\r\n\r\n"u8, out int consumed));
        Assert.Equal(19, consumed);
    }

    [Fact]
    public void Heads_chunk_lines_and_trailers_are_bounded()
    {
        string filler = new('x', 66_000);
        foreach (
            string bytes in new[]
            {
                "HTTP/1.1 200 " + filler,
                "HTTP/1.1 200 OK\r\nA: " + filler,
                "HTTP/1.1 200 OK\r\n" + string.Concat(Enumerable.Repeat("A: b\r\n", 11_000)),
                Json + "Transfer-Encoding: chunked\r\n\r\n2;" + filler,
                Json + "Transfer-Encoding: chunked\r\n\r\n" + new string('0', 66_000),
                Json + "Transfer-Encoding: chunked\r\n\r\n0\r\n" + string.Concat(Enumerable.Repeat("A: b\r\n", 11_000)),
            }
        )
        {
            Assert.Equal(ResponseEvent.Lost, Follow(Encoding.UTF8.GetBytes(bytes))[^1].What);
        }
    }

    [Theory]
    [InlineData(AnsweredMethod.Head, "head@72 end@72")]
    [InlineData(AnsweredMethod.Connect, "head@72")]
    [InlineData(AnsweredMethod.Other, "head@72 end@73")]
    internal void The_method_that_is_answered_tells_whether_a_body_follows(AnsweredMethod method, string expected)
    {
        var follower = new ResponseFollower { Answers = method };
        byte[] bytes = Encoding.UTF8.GetBytes(Json + "Content-Length:   1\r\n\r\n1");
        Assert.StartsWith(expected, string.Join(' ', Follow(bytes, follower).Select(Told)), StringComparison.Ordinal);
        Assert.Equal(method == AnsweredMethod.Connect, follower.IsTunnel);
        Assert.Equal(AnsweredMethod.Other, follower.Answers);
    }

    [Fact]
    public void An_interim_response_leaves_the_method_for_the_final_one()
    {
        var follower = new ResponseFollower { Answers = AnsweredMethod.Head };
        Follow("HTTP/1.1 103 Early Hints\r\n\r\n"u8.ToArray(), follower);
        Assert.Equal(
            (AnsweredMethod.Head, 0L, true),
            (follower.Answers, follower.Response.Index, follower.Response.IsInterim)
        );
        Follow("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHTTP/1.1 204 A\r\n\r\n"u8.ToArray(), follower);
        Assert.Equal((1L, 204), (follower.Response.Index, follower.Response.Status));
    }

    [Fact]
    public void Where_it_is_can_be_asked_at_any_moment()
    {
        var follower = new ResponseFollower();
        Follow("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n\r\n"u8.ToArray(), follower);
        Assert.False(follower.InResponse);
        Follow("HT"u8.ToArray(), follower);
        Assert.Equal((true, false, 46L), (follower.InResponse, follower.HasHead, follower.ResponseStart));
        Follow(Encoding.UTF8.GetBytes((Stream + "\r\n")[2..]), follower);
        Assert.Equal((true, false), (follower.HasHead, follower.InEvent));
        Assert.Equal((1L, 200, ContentKind.EventStream), Facts(follower.Response));
        Assert.True(follower.Response.LastsUntilClose);
        Follow(": a comment\n\n"u8.ToArray(), follower);
        Assert.Equal((false, false, 98L), (follower.InEvent, follower.EventHasData, follower.EventStart));
        Follow("data: {\"jsonrpc\":\"2.0\",\"res"u8.ToArray(), follower);
        Assert.Equal((true, true, 111L), (follower.InEvent, follower.EventHasData, follower.EventStart));
        Assert.Equal(MessageKind.Unknown, follower.Message);
        Follow("ult\":"u8.ToArray(), follower);
        Assert.Equal(MessageKind.Answer, follower.Message);
        Assert.Equal(ResponseEvent.ResponseEnd, follower.Close());
        Assert.Equal((false, false), (follower.InEvent, follower.InResponse));
    }

    [Theory]
    [InlineData("", ResponseEvent.NeedMore)]
    [InlineData("HTTP/1.1 204 A\r\n\r\n", ResponseEvent.NeedMore)]
    [InlineData("HTTP/1.1 101 A\r\n\r\nxxx", ResponseEvent.NeedMore)]
    [InlineData("HTTP/1.1 200 OK\r\n\r\nxxx", ResponseEvent.ResponseEnd)]
    [InlineData("HTTP/1.1 200 OK\r\n", ResponseEvent.Lost)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nxx", ResponseEvent.Lost)]
    internal void The_end_of_the_stream_ends_what_lasts_until_close(string bytes, ResponseEvent expected)
    {
        var follower = new ResponseFollower();
        Follow(Encoding.UTF8.GetBytes(bytes), follower);
        Assert.Equal(expected, follower.Close());
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1,"result":{}}""", MessageKind.Answer)]
    [InlineData("""{"error":{"code":1},"id":null}""", MessageKind.Answer)]
    [InlineData("""{"params":{"result":1,"a":["}",{}]},"method":"x"}""", MessageKind.Request)]
    [InlineData("\uFEFF \n{\"id\":\"result\\\"\",\"method\":\"x\"}", MessageKind.Request)]
    [InlineData("""[{"id":1,"result":{}}]""", MessageKind.Unknown)]
    [InlineData("""{"id":1,"r\u0065sult":{},"method":1}""", MessageKind.Unknown)]
    [InlineData("""{"id":1,"\u0000\u0000result":{}}""", MessageKind.Unknown)]
    [InlineData("""{"id":1,"xresult":{},"resul":1,"results":2}""", MessageKind.Unknown)]
    [InlineData("result", MessageKind.Unknown)]
    [InlineData("""{}{"result":1}""", MessageKind.Unknown)]
    internal void The_first_members_tell_what_a_message_is(string json, MessageKind expected)
    {
        byte[] body = Encoding.UTF8.GetBytes(json);
        var follower = new ResponseFollower();
        Follow([.. Encoding.UTF8.GetBytes($"{Json}Content-Length: {body.Length}\r\n\r\n"), .. body], follower);
        Assert.Equal(expected, follower.Message);
    }

    [Fact]
    public void A_message_is_looked_at_in_its_first_4_KiB_only()
    {
        var peek = new MessagePeek();
        peek.Feed(Encoding.UTF8.GetBytes($$"""{"a":"{{new string('x', 5000)}}","""));
        peek.Feed("\"result\":1"u8);
        Assert.Equal(MessageKind.Unknown, peek.Kind);
    }

    [Fact]
    public void Any_responses_in_any_pieces_are_followed() =>
        Prop.ForAll(
                Gen.Choose(0, int.MaxValue).ToArbitrary(),
                seed =>
                {
                    var random = new Random(seed);
                    MadeResponse[] made = [.. Enumerable.Range(0, 3).Select(at => new MadeResponse(random, at == 2))];
                    int start = 0;
                    var expected = new List<(int At, ResponseEvent What)>();
                    foreach (MadeResponse each in made)
                    {
                        expected.AddRange(each.Places.Select(place => (start + place.At, place.What)));
                        start += each.Bytes.Length;
                    }

                    byte[] all = [.. made.SelectMany(each => each.Bytes)];
                    var follower = new ResponseFollower();
                    List<(int At, ResponseEvent What)> found = [];
                    List<MessageKind> kinds = [];
                    foreach (Range piece in Pieces.Of(all.Length, random))
                    {
                        foreach ((int at, ResponseEvent what) in Follow(all[piece], follower, kinds))
                        {
                            found.Add((at, what));
                        }
                    }

                    Assert.Equal(expected, found);
                    Assert.Equal(made.SelectMany(each => each.IsCoded ? [] : each.Kinds).ToArray(), [.. kinds]);
                    return true;
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    // What it follows, the project's reader of HTTP reads the same way; it may be lost where that one is not.
    [Fact]
    public void What_is_followed_is_read_the_same_by_the_other_reader() =>
        Prop.ForAll(
                Gen.Choose(0, int.MaxValue).ToArbitrary(),
                seed =>
                {
                    var random = new Random(seed);
                    byte[] all = new MadeResponse(random, isLast: false).Bytes;
                    for (int changes = random.Next(3); changes > 0; changes--)
                    {
                        all[random.Next(all.Length)] = (byte)"\r\n:; ,0a\0\x80"[random.Next(10)];
                    }

                    var follower = new ResponseFollower();
                    List<int> ends = [];
                    foreach (Range piece in Pieces.Of(all.Length, random))
                    {
                        ends.AddRange(
                            Follow(all[piece], follower)
                                .Where(each => each.What == ResponseEvent.ResponseEnd)
                                .Select(each => each.At)
                        );
                    }

                    List<int> others = ReadEnds(all);
                    Assert.Equal(ends, others[..Math.Min(ends.Count, others.Count)]);
                    Assert.True(follower.IsLost || ends.Count == others.Count);
                    return true;
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void Following_allocates_nothing()
    {
        byte[] all = Encoding.UTF8.GetBytes(
            Stream + "Transfer-Encoding: chunked\r\n\r\na\r\ndata: {}\n\n\r\n0\r\n\r\n"
        );
        var follower = new ResponseFollower();
        int ends = 0;
        long before = 0;
        for (int round = 0; round < 200; round++)
        {
            before = round == 100 ? GC.GetAllocatedBytesForCurrentThread() : before;
            ReadOnlySpan<byte> rest = all;
            ResponseEvent found;
            do
            {
                found = follower.Advance(rest, out int consumed);
                rest = rest[consumed..];
                ends += found == ResponseEvent.ResponseEnd ? 1 : 0;
            } while (found != ResponseEvent.NeedMore);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(200, ends);
    }

    internal static List<(int At, ResponseEvent What)> Follow(
        ReadOnlySpan<byte> data,
        ResponseFollower? follower = null,
        List<MessageKind>? kinds = null
    )
    {
        follower ??= new();
        List<(int, ResponseEvent)> found = [];
        while (true)
        {
            ResponseEvent what = follower.Advance(data, out int consumed);
            data = data[consumed..];
            if (what == ResponseEvent.NeedMore)
            {
                Assert.True(data.IsEmpty);
                return found;
            }

            found.Add(((int)follower.Offset, what));
            if (what == ResponseEvent.Lost)
            {
                return found;
            }

            if (what == ResponseEvent.EventBegin)
            {
                Assert.Equal(follower.Offset, follower.EventStart);
            }

            if (what == ResponseEvent.EventEnd && follower.EventHasData)
            {
                kinds?.Add(follower.Message);
            }
        }
    }

    private static List<int> ReadEnds(byte[] all)
    {
        var reader = new HttpReader(request: false, new MemoryBudget(1 << 20), new Utf8StringCache());
        ReadOnlySpan<byte> rest = all;
        List<int> ends = [];
        while (true)
        {
            HttpEvent found = reader.Read(ref rest, out _);
            if (found is HttpEvent.NeedMore or HttpEvent.Lost)
            {
                return ends;
            }

            if (found == HttpEvent.End)
            {
                ends.Add(all.Length - rest.Length);
            }
        }
    }

    private static (long, int, ContentKind) Facts(in ResponseFacts facts) => (facts.Index, facts.Status, facts.Content);

    private static string Told((int At, ResponseEvent What) found) =>
        found.What switch
        {
            ResponseEvent.HeadComplete => "head",
            ResponseEvent.ResponseEnd => "end",
            ResponseEvent.EventBegin => "begin",
            ResponseEvent.EventEnd => "event",
            _ => "lost",
        } + $"@{found.At}";
}
