using Ocx.Mcp.Pairing;
using Ocx.Mcp.Records;
using Ocx.Mcp.Redaction;

namespace Ocx.Mcp.Tests.Calls;

/// <summary>What a record tells of how a call is protected: that a credential was there, never which.</summary>
public class ProtectionTests
{
    [Theory]
    [InlineData("Authorization: Bearer abcdefgh12345678", true)]
    [InlineData("authorization: Basic dTpw", true)]
    [InlineData("Cookie: session=1", true)]
    [InlineData("X-API-Key: k", true)]
    [InlineData("Api-Key: k", true)]
    [InlineData("X-Auth-Token: k", true)]
    [InlineData("X-Access-Token: k", true)]
    [InlineData("X-Goog-Api-Key: k", true)]
    [InlineData("Authorization:", false)]
    [InlineData("X-Api-Kex: k", false)]
    [InlineData("Accept: application/json", false)]
    public void A_credentials_header_is_noted_and_its_value_is_not_kept(string header, bool has)
    {
        Assert.Equal(has, Of(header + "\r\n", call => call.HasCredential, out string json));
        Assert.DoesNotContain("abcdefgh", json, StringComparison.Ordinal);
    }

    [Fact]
    public void A_credential_of_one_request_is_not_the_next_ones()
    {
        List<bool> has = [];
        Wire wire = new();
        wire.Open()
            .FromClient(Peer.Post(Peer.Call(1), "Authorization: Bearer abcdefgh\r\n"))
            .FromServer(Peer.Ok(Peer.Result(1)))
            .FromClient(Peer.Post(Peer.Call(2)))
            .FromServer(Peer.Ok(Peer.Result(2)));
        new Tracked { Look = call => has.Add(call.HasCredential) }.Feed(wire);
        Assert.Equal([true, false], has);
    }

    [Theory]
    [InlineData("http://evil.example", "mcp.local:8080", "evil.example", "mcp.local")]
    [InlineData("https://evil.example:444", "mcp.local", "evil.example", "mcp.local")]
    [InlineData("null", "mcp.local", "null", "mcp.local")]
    [InlineData("http://evil.example", "[::1]:8080", "evil.example", "[::1]")]
    [InlineData("http://127.0.0.1.evil.example", "127.0.0.1", "127.0.0.1.evil.example", "127.0.0.1")]
    [InlineData("http://MCP.local:3000", "mcp.local:8080", "", "")]
    [InlineData("http://localhost:6274", "127.0.0.1:8080", "", "")]
    [InlineData("http://[::1]:6274", "localhost:8080", "", "")]
    [InlineData("https://mcp.local.", "mcp.local", "", "")]
    public void An_origin_is_foreign_when_its_host_is_another(string origin, string host, string from, string to)
    {
        Assert.Equal((from, to), Of($"Origin: {origin}\r\n", call => call.ForeignOrigin, out _, host));
    }

    [Fact]
    public void Without_an_origin_none_is_foreign_and_a_long_one_is_cut()
    {
        Assert.Equal(("", ""), Of("", call => call.ForeignOrigin, out _));
        Assert.Equal(
            253,
            Of($"Origin: http://{new string('a', 5000)}\r\n", call => call.ForeignOrigin, out _).Origin.Length
        );
    }

    [Theory]
    [InlineData("""{"password":"hunter2"}""", true)]
    [InlineData("""{"text":"use ghp_abcdefghijklmnopqrstuvwxyz"}""", true)]
    [InlineData("""{"credentials":{"user":"u"}}""", true)]
    [InlineData("""{"nested":[{"apiKey":"k-1"}]}""", true)]
    [InlineData("""{"password":""}""", false)]
    [InlineData("""{"credentials":{}}""", false)]
    [InlineData("""{"page_token":"abc","nextPageToken":"def","cursorToken":"x"}""", false)]
    [InlineData("""{"max_token":7,"secret":true}""", false)]
    [InlineData("""{"email":"a@b.example","note":"ACME-1234"}""", false)]
    public void A_masked_credential_is_told_apart_from_what_was_configured(string arguments, bool isCredential)
    {
        var options = new McpOptions
        {
            Redaction = new RedactionOptions { Paths = ["$.email"], Patterns = ["ACME-[0-9]+"] },
        };
        Assert.Equal(isCredential, OfCall(arguments, options));
        Assert.Equal(isCredential, OfCall(arguments, new McpOptions()));
    }

    [Fact]
    public void Arguments_that_are_not_read_are_not_judged() =>
        Assert.False(OfCall("""{"password":"hunter2"}""", new McpOptions { Payload = PayloadMode.Metadata }));

    private static bool OfCall(string arguments, McpOptions options)
    {
        List<bool> found = [];
        Wire wire = new();
        wire.Open()
            .FromClient(Peer.Post(Peer.Call(1, arguments: arguments)))
            .FromServer(Peer.Ok(Peer.Result(1, """{"token":"in-the-result-it-does-not-count"}""")));
        new Tracked(options) { Look = call => found.Add(call.CredentialInArguments) }.Feed(wire);
        return Assert.Single(found);
    }

    private static T Of<T>(string headers, Func<CallRecord, T> what, out string json, string host = "x")
    {
        List<T> found = [];
        Wire wire = new();
        wire.Open()
            .FromClient(Peer.Post(Peer.Call(1), headers).Replace("Host: x", "Host: " + host, StringComparison.Ordinal))
            .FromServer(Peer.Ok(Peer.Result(1)));
        Tracked tracked = new() { Look = call => found.Add(what(call)) };
        json = tracked.Feed(wire).Json.Single();
        return Assert.Single(found);
    }
}
