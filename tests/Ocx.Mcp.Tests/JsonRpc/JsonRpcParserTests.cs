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

    private JsonRpcMessage Read(string json)
    {
        Assert.Equal(
            JsonRpcParse.Message,
            _parser.Parse(Encoding.UTF8.GetBytes(json), truncated: false, out JsonRpcMessage message)
        );
        return message;
    }
}
