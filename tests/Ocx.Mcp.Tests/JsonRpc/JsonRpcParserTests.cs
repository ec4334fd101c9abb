using System.Text;
using Ocx.Mcp.Buffers;
using Ocx.Mcp.JsonRpc;

namespace Ocx.Mcp.Tests.JsonRpc;

/// <summary>What is read of a message, and what is not taken for a part of it.</summary>
public class JsonRpcParserTests
{
    private readonly JsonRpcParser _parser = new(new Utf8StringCache());

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":{"method":"no","id":7},"method":"tools/list"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":[{"method":"no"}],"method":"tools/list"}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"tools/list","id":{"jsonrpc":"1.0"}}""")]
    public void An_object_in_the_place_of_an_id_is_none_and_its_members_are_not_the_messages(string json)
    {
        JsonRpcMessage message = Read(json);
        Assert.Equal("tools/list", message.Method);
        Assert.Equal(JsonRpcIdKind.None, message.Id.Kind);
        Assert.False(message.Truncated);
    }

    [Fact]
    public void A_cancellation_of_an_object_cancels_none_of_what_stands_in_it()
    {
        JsonRpcMessage message = Read(
            """
            {"jsonrpc":"2.0","method":"notifications/cancelled",
             "params":{"requestId":{"requestId":1,"progressToken":2},"reason":""}}
            """
        );
        Assert.False(message.CancelledId.IsValue);
        Assert.False(message.ProgressToken.IsValue);
    }

    [Theory]
    [InlineData("tools/call", """{"name":"drop","uri":"list","ref":{"name":"read"}}""", "drop")]
    [InlineData("tools/call", """{"ref":{"type":"ref/prompt","name":"read"},"uri":"list","name":"drop"}""", "drop")]
    [InlineData("tools/call", """{"uri":"list"}""", "")]
    [InlineData("prompts/get", """{"name":"drop","uri":"list"}""", "drop")]
    [InlineData("resources/read", """{"uri":"file:///a","name":"list"}""", "file:///a")]
    [InlineData("resources/subscribe", """{"name":"list","uri":"file:///a"}""", "file:///a")]
    [InlineData("completion/complete", """{"ref":{"type":"ref/prompt","name":"p"},"name":"list","uri":"x"}""", "p")]
    [InlineData("completion/complete", """{"uri":"x","ref":{"type":"ref/resource","uri":"f://a"}}""", "f://a")]
    [InlineData("tools/call", """{"name":"list","name":"drop"}""", "drop")]
    [InlineData("tools/call", """{"name":"list","n\u0061me":"drop"}""", "drop")]
    [InlineData("tools/call", """{"name":"list"},"params":{"name":"drop"}""", "drop")]
    [InlineData("tools/call", """{"name":"list"},"params":{}""", "")]
    [InlineData("x/own", """{"uri":"list","name":"drop"}""", "drop")]
    public void What_is_called_is_the_member_that_the_method_names_it_by(string method, string parameters, string name)
    {
        string first = $$"""{"jsonrpc":"2.0","id":1,"method":"{{method}}","params":{{parameters}}}""",
            last = $$"""{"jsonrpc":"2.0","id":1,"params":{{parameters}},"method":"{{method}}"}""";
        foreach (string json in new[] { first, last })
        {
            JsonRpcMessage message = Read(json);
            Assert.Equal(name, message.Name);

            var rest = new LongMessage(new JsonValues(new Utf8StringCache()));
            rest.Begin();
            rest.Feed(Encoding.UTF8.GetBytes(json));
            JsonRpcMessage found = default;
            rest.Complete(ref found);
            Assert.Equal(name, found.Name);
        }
    }

    private JsonRpcMessage Read(string json)
    {
        Assert.Equal(
            JsonRpcParse.Message,
            _parser.Parse(Encoding.UTF8.GetBytes(json), truncated: false, out JsonRpcMessage message)
        );
        return message;
    }
}
