using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Ocx.Gate.Http;
using Ocx.Mcp.Http;

namespace Ocx.Gate.Tests.Http;

public class AnswerRewriterTests
{
    private const string Json = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
    private const string Stream = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
    private const string Shortest = """{"jsonrpc":"2.0","id":7,"error":{"code":-32090,"message":""}}""";
    private const string Short = """{"jsonrpc":"2.0","id":7,"error":{"code":-32090,"message":"refused by audit"}}""";

    private static readonly string[] s_messages = ["", "refused by audit", "refused by audit: deletes 5000 rows"];

    private static readonly ErrorForms s_forms = new(
        new AuditError
        {
            Reason = "deletes 5000 rows",
            Audit = "prod/db",
            RevertToken = "token-1",
            Approval = "a-1",
        },
        new RequestIds(
            [
                [(byte)'7'],
            ],
            isBatch: false
        )
    );

    [Theory]
    // Names change, values and framing stay.
    [InlineData(
        Json + "Content-Encoding: gzip\r\nETag: \"1\"\r\ncontent-md5: x\r\nDigest:y\r\nContent-Length: 80\r\n\r\n#80",
        Json
            + "Content-Encodinx: gzip\r\nETax: \"1\"\r\ncontent-mdx: x\r\nDigesx:y\r\nContent-Length: 80\r\n\r\n"
            + Short
            + "___"
    )]
    [InlineData(Json + "Content-Length: 61\r\n\r\n#61", Json + "Content-Length: 61\r\n\r\n" + Shortest)]
    // An interim response goes before.
    [InlineData(
        "HTTP/1.1 103 Early Hints\r\n\r\n" + Json + "Content-Length: 62\r\n\r\n#62",
        "HTTP/1.1 103 Early Hints\r\n\r\n" + Json + "Content-Length: 62\r\n\r\n" + Shortest + "_"
    )]
    // A text goes over chunks.
    [InlineData(
        Json + "Transfer-Encoding: chunked\r\n\r\n3;a=b\r\n{}}\r\n3a\r\n#58\r\n1\r\nx\r\n0\r\nETag: 1\r\n\r\n",
        Json
            + "Transfer-Encoding: chunked\r\n\r\n3;a=b\r\n{\"j\r\n3a\r\n"
            + "sonrpc\":\"2.0\",\"id\":7,\"error\":{\"code\":-32090,\"message\":\"\"}}"
            + "\r\n1\r\n_\r\n0\r\nETax: 1\r\n\r\n"
    )]
    // A stream is one event and empty lines.
    [InlineData(
        "HTTP/1.1 200 OK\nContent-Type: text/event-stream\nContent-Encoding: br\nContent-Length: 71\n\n#71",
        "HTTP/1.1 200 OK\nContent-Type: text/event-stream\nContent-Encodinx: br\nContent-Length: 71\n\ndata: "
            + Shortest
            + "\n\n\n\n"
    )]
    public void A_response_is_rewritten(string response, string expected)
    {
        byte[] bytes = Bytes(response);
        var rewriter = new AnswerRewriter(default, s_forms);
        Assert.Equal(RewriteResult.Done, rewriter.Survey(bytes));
        Assert.Equal(RewriteResult.Done, rewriter.Rewrite(bytes, out int consumed));
        Assert.Equal(bytes.Length, consumed);
        // A line here stands for a blank there.
        Assert.Equal(expected.Replace('_', ' '), Encoding.UTF8.GetString(bytes));
    }

    [Theory]
    [InlineData("event: message\nid: 4\ndata: #61\n\n", "event: message\nid: 4\ndata: " + Shortest + "\n\n")]
    [InlineData("data:#61\r\n\r\n", "data:" + Shortest + "\r\n\r")]
    [InlineData(
        "data: #5\ndata: #80\n: #9\n\n",
        "data: {    \ndata: \"jsonrpc\":\"2.0\",\"id\":7,"
            + "\"error\":{\"code\":-32090,\"message\":\"refused by audit\"}}    \n: #########\n\n"
    )]
    [InlineData(
        "data: #1\rdata: #9\rdata\rdata: #16\rdata: #20\rdata:   #20\r\r",
        "data: {\rdata: \"jsonrpc\"\rdata\rdata: :\"2.0\",\"id\":7,  \r"
            + "data: \"error\":{\"code\":    \rdata: -32090,\"message\":\"\"}} \r\r"
    )]
    public void The_data_of_an_event_is_rewritten(string sse, string expected)
    {
        byte[] bytes = Bytes(sse);
        AnswerRewriter rewriter = AtFirstEvent(bytes);
        Assert.Equal(RewriteResult.Done, rewriter.Survey(bytes));
        Assert.Equal(RewriteResult.Done, rewriter.Rewrite(bytes, out int consumed));
        Assert.Equal(expected, Encoding.UTF8.GetString(bytes.AsSpan(0, consumed)));
        using JsonDocument json = JsonDocument.Parse(Assert.Single(Reading.Events(bytes)));
        Assert.Equal(AuditError.Code, json.RootElement.GetProperty("error").GetProperty("code").GetInt32());
    }

    [Theory]
    [InlineData(Json + "Content-Length: 60\r\n\r\n")]
    [InlineData(Json + "Content-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 204 No Content\r\nContent-Type: application/json\r\n\r\n")]
    [InlineData("HTTP/1.1 101 Switching\r\nContent-Type: application/json\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000\r\n\r\n")]
    [InlineData(Json + "Transfer-Encoding: gzip, chunked\r\n\r\n")]
    [InlineData(Json + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n")]
    [InlineData(Json + "ETag: 1\r\nTransfer-Encoding: chunked\r\n\r\n3c\r\n#60\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 68\r\n\r\n")]
    [InlineData("SSH-2.0-OpenSSH\r\n")]
    public void What_has_no_room_is_told_before_a_byte_is_changed(string response)
    {
        byte[] bytes = Bytes(response);
        Assert.Equal(RewriteResult.Impossible, new AnswerRewriter(default, s_forms).Survey(bytes));
        Assert.Equal(RewriteResult.Impossible, new AnswerRewriter(default, s_forms).Rewrite(bytes, out int consumed));
        Assert.Equal(0, consumed);
        Assert.Equal(Bytes(response), bytes);
    }

    [Theory]
    [InlineData("data: #60\n\n")]
    [InlineData(": #90\nevent: #90\n\n")]
    [InlineData("data: #20\ndata: #8\ndata: #8\n\n")]
    public void So_it_is_of_an_event(string sse)
    {
        byte[] bytes = Bytes(sse);
        Assert.Equal(RewriteResult.Continue, AtFirstEvent(bytes).Survey(bytes.AsSpan()[..^1]));
        Assert.Equal(RewriteResult.Impossible, AtFirstEvent(bytes).Survey(bytes));
        Assert.Equal(RewriteResult.Impossible, AtFirstEvent(bytes).Rewrite(bytes, out _));
        Assert.Equal(Bytes(sse), bytes);
    }

    [Fact]
    public void The_answer_to_HEAD_has_no_room()
    {
        var follower = new ResponseFollower { Answers = AnsweredMethod.Head };
        byte[] bytes = Bytes(Json + "Content-Length: 900\r\n\r\n");
        ResponseFollowerTests.Follow(bytes, follower);
        Assert.Equal(RewriteResult.Impossible, new AnswerRewriter(follower.AtResponse, s_forms).Survey(bytes));
    }

    [Fact]
    public void A_body_that_lasts_until_close_ends_with_it()
    {
        byte[] bytes = Bytes(Json + "\r\n#20");
        var rewriter = new AnswerRewriter(default, s_forms);
        Assert.Equal(RewriteResult.Continue, rewriter.Survey(bytes));
        Assert.Equal(RewriteResult.Continue, rewriter.Rewrite(bytes, out _));
        Assert.Equal(RewriteResult.Impossible, rewriter.Close());
        byte[] rest = Bytes("#300");
        Assert.Equal(RewriteResult.Continue, rewriter.Rewrite(rest, out _));
        Assert.Equal(RewriteResult.Done, rewriter.Close());
        Reading.Only([.. bytes, .. rest], out byte[] body);
        MustBeTheError(body);
    }

    [Fact]
    public void More_than_was_held_may_follow()
    {
        // Only the head was held: its length tells that there is room, and later pieces need no other look.
        byte[] head = Bytes(Json + "Content-Length: 900\r\n\r\n");
        var rewriter = new AnswerRewriter(default, s_forms);
        Assert.Equal(RewriteResult.Done, rewriter.Survey(head));
        Assert.Equal(RewriteResult.Continue, rewriter.Rewrite(head, out _));
        byte[] rest = Bytes("#900HTTP/1.1 200 OK\r\n");
        Assert.Equal(RewriteResult.Continue, rewriter.Rewrite(rest.AsSpan(0, 10), out _));
        Assert.Equal(RewriteResult.Done, rewriter.Rewrite(rest.AsSpan(10), out int consumed));
        Assert.Equal(890, consumed);
        Assert.Equal(RewriteResult.Done, rewriter.Rewrite(rest.AsSpan(900), out consumed));
        Assert.Equal(0, consumed);
        MustBeTheError(rest[..900]);
        Assert.Equal("HTTP/1.1 200 OK\r\n", Encoding.UTF8.GetString(rest.AsSpan(900)));
    }

    [Fact]
    public void Any_answer_among_others_becomes_the_error_or_cannot() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), RewriteOneOfThree)
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void The_platforms_client_reads_the_error() =>
        Prop.ForAll(
                Gen.Choose(0, int.MaxValue).ToArbitrary(),
                seed =>
                {
                    var random = new Random(seed);
                    var made = new MadeResponse(random, isLast: true, isPlain: true);
                    byte[] bytes = [.. made.Bytes];
                    var rewriter = new AnswerRewriter(default, s_forms);
                    rewriter.Survey(bytes);
                    RewriteResult result = rewriter.Rewrite(bytes, out _);
                    if (
                        result == RewriteResult.Impossible
                        || (result == RewriteResult.Continue && rewriter.Close() != RewriteResult.Done)
                    )
                    {
                        return true;
                    }

                    byte[] body = Reading.WithClientAsync(bytes).GetAwaiter().GetResult();
                    MustBeTheError(
                        made.IsStream ? Encoding.UTF8.GetBytes(Assert.Single(Reading.EventsWithParser(body))) : body
                    );
                    return true;
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    private static bool RewriteOneOfThree(int seed)
    {
        var random = new Random(seed);
        MadeResponse[] made = [.. Enumerable.Range(0, 3).Select(at => new MadeResponse(random, at == 2))];
        byte[] all = [.. made.SelectMany(each => each.Bytes)];
        int which = random.Next(3),
            first = made[..which].Sum(each => each.Bytes.Length);
        MadeResponse chosen = made[which];
        int[] begins =
        [
            .. chosen.Places.Where(each => each.What == ResponseEvent.EventBegin).Select(each => first + each.At),
        ];
        int chosenEvent = begins.Length > 0 && random.Next(3) > 0 ? random.Next(begins.Length) : -1;
        ResponseSnapshot from = SnapshotAt(all, chosenEvent < 0 ? first : begins[chosenEvent], chosenEvent >= 0);
        int start = (int)from.Offset;
        Assert.Equal(chosenEvent < 0 ? first : begins[chosenEvent], start);

        // Some of it is looked at before; twice in other pieces it gives the same.
        int surveyed = random.Next(3) switch
        {
            0 => 0,
            1 => random.Next(all.Length - start),
            _ => all.Length - start,
        };
        byte[] rewritten = [.. all];
        RewriteResult result = Rewrite(rewritten, from, surveyed, random, out int end);
        if (surveyed == all.Length - start)
        {
            byte[] again = [.. all];
            Assert.Equal(result, Rewrite(again, from, surveyed, random, out int otherEnd));
            Assert.Equal(rewritten, again);
            Assert.Equal(end, otherEnd);
            bool isRead = chosenEvent >= 0 || chosen.IsJson || chosen.IsStream;
            Assert.True(
                result == RewriteResult.Done
                    || !isRead
                    || RoomIn(chosen, chosenEvent) < Shortest.Length + (chosenEvent < 0 && chosen.IsStream ? 8 : 0),
                "there was room"
            );
        }

        if (result != RewriteResult.Done)
        {
            return true;
        }

        // Outside of it nothing changed; inside, this project's readers find the error and all else as it was.
        Assert.Equal(all[..start], rewritten[..start]);
        Assert.Equal(all[end..], rewritten[end..]);
        Reading.Only(chosen.Bytes, out byte[] bodyBefore);
        HttpHead head = Reading.Only(rewritten[first..(first + chosen.Bytes.Length)], out byte[] body);
        Assert.Equal(chosen.Status, head.Status);
        if (chosenEvent >= 0)
        {
            List<byte[]> before = Reading.Events(bodyBefore),
                after = Reading.Events(body);
            Assert.Equal(before.Count, after.Count);
            for (int at = 0; at < after.Count; at++)
            {
                if (at == chosenEvent)
                {
                    MustBeTheError(after[at]);
                }
                else
                {
                    Assert.Equal(before[at], after[at]);
                }
            }
        }
        else
        {
            Assert.True(head.Codings.IsEmpty);
            MustBeTheError(chosen.IsStream ? Assert.Single(Reading.Events(body)) : body);
        }

        return true;
    }

    private static long RoomIn(MadeResponse made, int chosenEvent)
    {
        Reading.Only(made.Bytes, out byte[] body);
        // An event's lines break its room: what each loses is at most a token.
        return chosenEvent < 0 ? body.Length
            : Reading.Events(body)[chosenEvent].AsSpan().Count((byte)'\n') > 0 ? 0
            : Reading.Events(body)[chosenEvent].Length;
    }

    private static RewriteResult Rewrite(byte[] all, in ResponseSnapshot from, int surveyed, Random random, out int end)
    {
        var rewriter = new AnswerRewriter(from, s_forms);
        int start = (int)from.Offset;
        foreach (Range piece in Pieces.Of(surveyed, random))
        {
            rewriter.Survey(all.AsSpan(start, surveyed)[piece]);
        }

        end = start;
        foreach (Range piece in Pieces.Of(all.Length - start, random))
        {
            RewriteResult result = rewriter.Rewrite(all.AsSpan(start)[piece], out int consumed);
            end += consumed;
            if (result != RewriteResult.Continue)
            {
                return result;
            }

            Assert.Equal(piece.GetOffsetAndLength(all.Length - start).Length, consumed);
        }

        return rewriter.Close();
    }

    private static ResponseSnapshot SnapshotAt(byte[] all, int offset, bool isEvent)
    {
        var follower = new ResponseFollower();
        for (int at = 0; ; )
        {
            ResponseEvent found = follower.Advance(all.AsSpan(at), out int consumed);
            at += consumed;
            if (isEvent && found == ResponseEvent.EventBegin && follower.EventStart == offset)
            {
                return follower.AtEvent;
            }

            if (!isEvent && found == ResponseEvent.HeadComplete && follower.ResponseStart == offset)
            {
                return follower.AtResponse;
            }

            Assert.NotEqual(ResponseEvent.NeedMore, found);
        }
    }

    private static AnswerRewriter AtFirstEvent(byte[] sse)
    {
        var follower = new ResponseFollower();
        ResponseFollowerTests.Follow(Encoding.UTF8.GetBytes(Stream), follower);
        Assert.Equal(ResponseEvent.EventBegin, follower.Advance(sse, out int consumed));
        Assert.Equal(0, consumed);
        return new AnswerRewriter(follower.AtEvent, s_forms);
    }

    private static void MustBeTheError(byte[] json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement error = document.RootElement.GetProperty("error");
        Assert.Equal(
            (7, AuditError.Code),
            (document.RootElement.GetProperty("id").GetInt32(), error.GetProperty("code").GetInt32())
        );
        Assert.Contains(error.GetProperty("message").GetString(), s_messages);
    }

    // "#62" stands for 62 bytes.
    private static byte[] Bytes(string text) =>
        Encoding.UTF8.GetBytes(
            System.Text.RegularExpressions.Regex.Replace(
                text,
                "#([0-9]+)",
                count => new string(
                    '#',
                    int.Parse(count.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture)
                )
            )
        );
}
