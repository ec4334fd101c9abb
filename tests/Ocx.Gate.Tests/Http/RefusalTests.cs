using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Ocx.Gate.Http;
using Ocx.Mcp.Http;

namespace Ocx.Gate.Tests.Http;

public class RefusalTests
{
    private const string Streamable = "Accept: application/json, text/event-stream\r\n";
    private const string Call = """{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"id":8}}""";

    [Theory]
    [InlineData(Call, "7")]
    [InlineData("""{"id":"a\"b","method":"x"}""", "\"a\\\"b\"")]
    [InlineData("""{"id":-1.5e3,"method":"x"}""", "-1.5e3")]
    [InlineData("""{"id":1,"id":2,"method":"x"}""", "2")]
    [InlineData("""{"i\u0064":1,"\u006dethod":"x"}""", "1")]
    [InlineData("""{"i\ud800":1,"\udc00":2,"id":3,"method":"x"}""", "3")]
    [InlineData("\uFEFF {\"id\":1,\"method\":\"x\"}\r\n", "1")]
    [InlineData("""{"id":1,"result":{}}""", "")]
    [InlineData("""{"method":"notifications/x"}""", "")]
    [InlineData("""{"id":null,"method":"x"}""", "")]
    [InlineData("""{"id":{"id":1},"method":"x"}""", "")]
    [InlineData("""[{"id":1,"method":"x"},{"method":"y"},{"id":"2","method":"z"}]""", "[1 \"2\"]")]
    [InlineData("[]", "[]")]
    [InlineData("", null)]
    [InlineData("{", null)]
    [InlineData("7", null)]
    [InlineData("""[{"id":1,"method":"x"},2]""", null)]
    [InlineData("""[{"id":1,"method":"x"}""", null)]
    [InlineData(Call + Call, null)]
    public void Ids_are_read_as_they_were_sent(string json, string? expected)
    {
        byte[] body = Encoding.UTF8.GetBytes(json);
        RequestBody request = Read(
            $"POST /mcp HTTP/1.1\r\nContent-Length: {body.Length}\r\n\r\n",
            [.. body, .. "GET"u8]
        );
        string ids = string.Join(' ', request.Ids.Tokens.Select(Encoding.UTF8.GetString));
        Assert.Equal(expected ?? string.Empty, request.Ids.IsBatch ? $"[{ids}]" : ids);
        Assert.Equal(expected is not null, request.IsRead);
    }

    [Fact]
    public void Chunks_are_put_together()
    {
        RequestBody request = Read(
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
            Encoding.UTF8.GetBytes($"5\r\n{Call[..5]}\r\n{Call.Length - 5:x};a=b\r\n{Call[5..]}\r\n0\r\n\r\n")
        );
        Assert.Equal("7", Encoding.UTF8.GetString(Assert.Single(request.Ids.Tokens)));
    }

    [Theory]
    [InlineData("POST / HTTP/1.1\r\nContent-Length: 2\r\nContent-Encoding: gzip\r\n\r\n{}")]
    [InlineData("POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\n{}")]
    [InlineData("POST / HTTP/1.1\r\nContent-Length: 2")]
    [InlineData("\u0016\u0003\u0001")]
    public void What_is_not_whole_or_coded_is_not_read(string request) => Assert.False(Read(request, []).IsRead);

    [Fact]
    public void Ids_are_bounded()
    {
        string id = new('1', RequestIds.LongestId);
        Assert.True(ReadJson($$"""{"id":{{id}},"method":"x"}""").IsRead);
        Assert.False(ReadJson($$"""{"id":{{id}}1,"method":"x"}""").IsRead);
        string[] many = [.. Enumerable.Repeat("""{"id":1,"method":"x"}""", RequestIds.MostIds)];
        Assert.True(ReadJson($"[{string.Join(',', many)}]").IsRead);
        Assert.False(ReadJson($"[{string.Join(',', many)},{many[0]}]").IsRead);
        Assert.False(ReadJson(new string('[', 3000)).IsRead);
        byte[] noUtf8 = [.. "{\"method\":\"x\",\"id\":\"\xff\"}".Select(each => (byte)each)];
        Assert.False(Read($"POST / HTTP/1.1\r\nContent-Length: {noUtf8.Length}\r\n\r\n", noUtf8).IsRead);
    }

    [Theory]
    [InlineData(Streamable, true)]
    [InlineData("accept:TEXT/EVENT-STREAM\r\n", true)]
    [InlineData("Accept: application/json\r\nAccept: text/event-stream;q=0.5\r\n", true)]
    [InlineData("Accept: application/json,\r\n text/event-stream\r\n", true)]
    [InlineData("Accept: */*\r\n", false)]
    [InlineData("X-Accept: text/event-stream\r\n", false)]
    [InlineData("A: b\r\n Accept: text/event-stream\r\n", false)]
    [InlineData("", false)]
    public void Accept_tells_a_client_of_streamable_HTTP(string field, bool expected) =>
        Assert.Equal(
            expected,
            Read($"POST / HTTP/1.1\r\n{field}Content-Length: 2\r\n\r\n", "{}"u8.ToArray()).TakesEventStream
        );

    [Theory]
    [InlineData(Streamable, Call, 200, "7")]
    [InlineData("", Call, 403, "7")]
    [InlineData(Streamable, "{", 403, "null")]
    [InlineData(Streamable, """{"method":"x"}""", 403, "null")]
    public void The_response_is_the_error_and_closes(string accept, string json, int status, string id)
    {
        RequestBody request = Read(
            $"POST / HTTP/1.1\r\n{accept}Content-Length: {json.Length}\r\n\r\n",
            Encoding.UTF8.GetBytes(json)
        );
        byte[] response = Refusal.Response(new AuditError { Reason = "no" }, request);
        Assert.Contains("\r\nconnection: close\r\n", Encoding.UTF8.GetString(response), StringComparison.Ordinal);
        HttpHead head = Reading.Only(response, out byte[] body);
        Assert.Equal((status, ContentKind.Json, (long)body.Length), (head.Status, head.Content, head.ContentLength));
        using JsonDocument error = JsonDocument.Parse(body);
        Assert.Equal(id, error.RootElement.GetProperty("id").GetRawText());
        Assert.Equal("refused by audit: no", error.RootElement.GetProperty("error").GetProperty("message").GetString());
    }

    [Fact]
    public void Whatever_is_sent_is_answered_with_HTTP_and_JSON() =>
        Prop.ForAll(
                (
                    from body in Gen.Elements(Call, $"[{Call}]", """{"id":"\ud800","method":"x"}""", "{")
                    from changes in Gen.ArrayOf(
                        from at in Gen.Choose(0, 200)
                        from to in Gen.Choose(0, 255)
                        select (at, to)
                    )
                    select (body, changes)
                ).ToArbitrary(),
                sent =>
                {
                    byte[] bytes = Encoding.UTF8.GetBytes(
                        $"POST / HTTP/1.1\r\n{Streamable}Content-Length: {sent.body.Length}\r\n\r\n{sent.body}"
                    );
                    foreach ((int at, int to) in sent.changes.Take(3).Where(each => each.at < bytes.Length))
                    {
                        bytes[at] = (byte)to;
                    }

                    byte[] response = Refusal.Response(new AuditError { Reason = sent.body }, RequestBody.Read(bytes));
                    Reading.Only(response, out byte[] body);
                    using JsonDocument error = JsonDocument.Parse(body);
                    JsonElement first =
                        error.RootElement.ValueKind == JsonValueKind.Array ? error.RootElement[0] : error.RootElement;
                    return first.GetProperty("error").GetProperty("code").GetInt32() == AuditError.Code;
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    private static RequestBody ReadJson(string json) =>
        Read($"POST / HTTP/1.1\r\nContent-Length: {json.Length}\r\n\r\n", Encoding.UTF8.GetBytes(json));

    private static RequestBody Read(string head, byte[] body) =>
        RequestBody.Read([.. Encoding.Latin1.GetBytes(head), .. body]);
}
