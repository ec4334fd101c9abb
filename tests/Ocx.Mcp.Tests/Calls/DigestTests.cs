using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Ocx.Mcp.Pairing;
using Ocx.Mcp.Records;

namespace Ocx.Mcp.Tests.Calls;

/// <summary>
/// What is kept of an audited call's arguments: their digest as they were sent, and more of their text.
/// </summary>
public sealed class DigestTests
{
    private static readonly McpOptions s_audited = new()
    {
        AuditedMethods = ["tools/call"],
        MaxAuditedBytes = 64 << 10,
    };

    public static TheoryData<string, string> Spellings =>
        new()
        {
            { """{"a":1,"b":"é"}""", """{"a":1,"b":"é"}""" },
            { """{ "b" : "\u00e9", "a" : 1.0 }""", """{"a":1,"b":"é"}""" },
            { """{"b":"é","a":10E-1}""", """{"a":1,"b":"é"}""" },
            { """{"password":"hunter2"}""", """{"password":"hunter2"}""" },
            { "{}", "{}" },
            { "null", "null" },
        };

    public static TheoryData<string> Ambiguous =>
        [
            """{"a":1,"a":2}""",
            """{"a":{"b":1,"\u0062":1}}""",
            """{"a":9007199254740993}""",
            """{"a":"\ud800"}""",
            """{"a":1e400}""",
        ];

    [Theory]
    [MemberData(nameof(Spellings))]
    public void It_is_that_of_the_canonical_form_however_the_client_spells_it(string sent, string canonical) =>
        Assert.Equal(Hash(canonical), Digest(Called(Peer.Call(1, arguments: sent))));

    [Fact]
    public void A_call_without_arguments_has_that_of_nothing_whatever_else_its_params_hold()
    {
        string call = """
            {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","_meta":{"progressToken":7}}}
            """;
        Assert.Equal(Hash(string.Empty), Digest(Called(call)));
    }

    [Theory]
    [MemberData(nameof(Ambiguous))]
    public void What_two_readers_could_take_for_two_values_has_none(string arguments) =>
        Assert.Empty(Digest(Called(Peer.Call(1, arguments: arguments))));

    [Theory]
    [InlineData("""{"name":"a","arguments":{"x":1},"arguments":{"x":2}}""")]
    [InlineData("""{"name":"a","arguments":{"x":1},"\u0061rguments":{"x":1}}""")]
    [InlineData("""{"name":"a","arguments":{"x":1}},"params":{"name":"a","arguments":{"x":1}}""")]
    [InlineData("""{"name":"a"},"params":{"name":"a","arguments":{"x":1}}""")]
    [InlineData("""{"name":"a","arguments":{"x":1}},"params":{"name":"a"}""")]
    [InlineData("""7,"params":{"name":"a","arguments":{"x":1}}""")]
    [InlineData("""{"name":"b","name":"a","arguments":{"x":1}}""")]
    [InlineData("""{"name":"a","arguments":{"x":1}},"method":"tools/call","x":1""")]
    public void What_is_called_with_them_stands_twice_then_they_have_none(string parameters)
    {
        string call = $$"""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{parameters}}}""";
        Assert.Empty(Digest(Called(call)));
    }

    [Fact]
    public void Arguments_that_are_longer_than_the_bound_of_a_message_have_none()
    {
        string call = Peer.Call(1, arguments: $$"""{"x":"{{new string('x', 1000)}}"}""");
        Assert.Empty(Digest(Called(call, s_audited with { MaxMessageBytes = 500 }, 300)));
        Assert.NotEmpty(Digest(Called(call, s_audited with { MaxMessageBytes = 2000 }, 300)));
    }

    [Fact]
    public void Arguments_of_which_bytes_passed_unseen_have_none()
    {
        string call = Peer.Post(Peer.Call(1, arguments: $$"""{"x":"{{new string('x', 500)}}"}"""));
        var tracked = new Tracked(s_audited);
        var wire = new Wire().Open().FromClient(call[..300]).Unseen(true, 100).FromClient(call[400..]);
        // What is missing is waited for, so far.
        tracked.Feed(wire.FromServer(Peer.Ok(Peer.Result(1)))).Flush();
        Assert.Empty(Digest(tracked.Only));
        Assert.NotEqual("complete", tracked.Only.GetProperty("completeness").GetString());
    }

    [Fact]
    public void Those_that_no_longer_come_have_none()
    {
        var tracked = new Tracked(s_audited);
        tracked.Feed(new Wire().Open().FromClient(Peer.Post(Peer.Call(1))[..^1]).Close()).Flush();
        Assert.Empty(Digest(tracked.Only));
    }

    [Fact]
    public void Only_calls_of_the_methods_that_are_audited_have_one()
    {
        string read = """{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"a:b"}}""";
        Assert.Empty(Digest(Called(read)));
        Assert.Equal(
            Hash("""{"uri":"a:b"}"""),
            Digest(Called(read, s_audited with { AuditedMethods = ["resources/read"] }))
        );
        Assert.Empty(Digest(Called(Peer.Call(1), new McpOptions())));
    }

    [Theory]
    [InlineData("delete_rows", true)]
    [InlineData("get_rows", false)]
    public void Only_calls_that_are_said_to_be_audited_have_one(string tool, bool has)
    {
        McpOptions options = s_audited with
        {
            IsAudited = (method, name) => (method, name) == ("tools/call", "delete_rows"),
        };
        Assert.Equal(has, Digest(Called(Peer.Call(1, tool), options)).Length > 0);
    }

    [Fact]
    public void It_is_known_when_the_request_is_complete_and_needs_no_payload()
    {
        var opened = new Openings();
        var tracker = new McpTracker(s_audited with { Payload = PayloadMode.Metadata }, opened);
        var wire = new Wire().Open().FromClient(Peer.Post(Peer.Call(1, arguments: """{"a":1}""")));
        foreach (Sent sent in wire.Log)
        {
            tracker.Accept(wire.At(sent, 1_700_000_000_000_000_000));
        }

        Assert.Equal((Hash("""{"a":1}"""), 0), Assert.Single(opened.Told));
    }

    [Fact]
    public void More_of_the_text_is_kept_redacted_and_the_record_does_not_show_it()
    {
        string key = "AKIA" + "IOSFODNN7EXAMPLE";
        string arguments = $$"""{"x":"{{new string('x', 30_000)}}","key":"{{key}}","last":1}""";
        var opened = new Openings();
        var tracker = new McpTracker(s_audited, opened);
        var tracked = new Tracked(s_audited);
        var wire = new Wire().Open().FromClient(Peer.Post(Peer.Call(1, arguments: arguments)), 9000);
        foreach (Sent sent in wire.Log)
        {
            tracker.Accept(wire.At(sent, 1_700_000_000_000_000_000));
        }

        Assert.InRange(Assert.Single(opened.Told).Length, 30_000, 30_100);
        Assert.DoesNotContain(key, opened.Text, StringComparison.Ordinal);
        Assert.EndsWith("\"last\":1}", opened.Text, StringComparison.Ordinal);

        tracked.Feed(wire).Flush();
        Assert.True(tracked.Only.GetProperty("argumentsCut").GetBoolean());
        Assert.Equal(4097, tracked.Only.GetProperty("arguments").GetString()!.Length);
    }

    [Fact]
    public void It_and_the_key_are_read_again_from_the_record()
    {
        var tracked = new Tracked(s_audited with { CallKeys = new() });
        tracked.Feed(new Wire().Open().FromClient(Peer.Post(Peer.Call(1))).FromServer(Peer.Ok(Peer.Result(1))));
        Assert.True(RecordedCall.TryRead(Encoding.UTF8.GetBytes(Assert.Single(tracked.Json)), out RecordedCall? call));
        Assert.Equal(CallKeys.Length, call.Key.Length);
        Assert.Equal(Hash("{}"), call.ArgumentsDigest);
    }

    private static JsonElement Called(string call, McpOptions? options = null, int split = int.MaxValue)
    {
        var tracked = new Tracked(options ?? s_audited);
        var wire = new Wire().Open().FromClient(Peer.Post(call.Trim()), split);
        tracked.Feed(wire.FromServer(Peer.Ok(Peer.Result(1)))).Flush();
        return tracked.Only;
    }

    private static string Digest(JsonElement call) =>
        call.TryGetProperty("argumentsDigest", out JsonElement digest) ? digest.GetString()! : string.Empty;

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private sealed class Openings : IMcpSink
    {
        public List<(string Digest, int Length)> Told { get; } = [];

        public string Text { get; private set; } = string.Empty;

        public void OnOpened(CallRecord record)
        {
            Text = Encoding.UTF8.GetString(record.AuditedArguments);
            Told.Add((record.ArgumentsDigest, Text.Length));
        }

        public void OnCall(CallRecord record) { }

        public void OnUnreadable(in UnreadableConnection connection) { }
    }
}
