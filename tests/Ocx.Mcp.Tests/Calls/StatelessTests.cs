using System.Text;
using System.Text.Json;
using Ocx.Mcp.Pairing;
using Ocx.Mcp.Records;

namespace Ocx.Mcp.Tests.Calls;

/// <summary>What revision 2026-07-28 brought beside tasks: rounds, headers, hints, caching, named errors.</summary>
public class StatelessTests
{
    private const string Meta =
        ",\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","
        + "\"io.modelcontextprotocol/clientCapabilities\":{\"extensions\":{\"io.modelcontextprotocol/tasks\":{},"
        + "\"com.example/ui\":{\"a\":[1]},\"no name\":1}}}";
    private const string Headers = "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: deploy\r\n";
    private const string Tools = """
        {"tools":[
          {"name":"deploy","annotations":{"readOnlyHint":false,"destructiveHint":true,"openWorldHint":7,"title":"x"},
           "inputSchema":{"type":"object","properties":{
             "region":{"type":"string","x-mcp-header":"Region"},
             "n":{"type":"integer","x-mcp-header":"Count"},
             "dry":{"type":"boolean","x-mcp-header":"Dry"},
             "at":{"type":"object","properties":{"zone":{"type":"string","x-mcp-header":"Zone"}}},
             "list":{"type":"array","items":{"properties":{"region":{"x-mcp-header":"Never"}}}}}}},
          {"name":"read","inputSchema":{"type":"object"},"annotations":{"readOnlyHint":true,"idempotentHint":true}}],
         "ttlMs":300000,"cacheScope":"public"}
        """;

    private readonly Tracked _tracked = new();

    [Theory]
    [InlineData("opaque", 3)]
    [InlineData("with \\u0041 escape", 3)]
    [InlineData("", 3)]
    public void Rounds_are_linked_by_the_state_which_is_masked_and_no_round_is_ok_before_the_last(
        string state,
        int rounds
    )
    {
        var wire = new Wire().Open();
        for (int i = 1; i <= rounds; i++)
        {
            string answers =
                i == 1
                    ? ""
                    : $",\"inputResponses\":{{\"who\":{{\"action\":\"accept\"}}}},\"requestState\":\"{state}{i - 1}\"";
            string result =
                i == rounds
                    ? """{"resultType":"complete","content":[]}"""
                    : $$$$"""{"inputRequests":{"who":{"method":"elicitation/create","params":"""
                        + $$$$"""{"message":"?"}}},"requestState":"{{{{state}}}}{{{{i}}}}","resultType":"""
                        + "\"input_required\"}";
            wire.FromClient(
                    Peer.Post(
                        Peer.Call(i, meta: Meta + answers),
                        Headers.Replace("deploy", "echo", StringComparison.Ordinal)
                    )
                )
                .FromServer(Peer.Ok(Peer.Result(i, result)));
        }

        Assert.Equal(
            ["tools/call echo input_required", "tools/call echo input_required", "tools/call echo ok"],
            _tracked.Feed(wire).Summary
        );
        JsonElement[] calls = [.. _tracked.Json.Select(json => JsonDocument.Parse(json).RootElement)];
        for (int i = 1; i < rounds; i++)
        {
            Assert.Equal(Link(calls[i - 1], "continuedBy"), Link(calls[i], "continues"));
            Assert.Equal("[redacted]", calls[i - 1].GetProperty("result").GetProperty("requestState").GetString());
        }

        Assert.NotEqual(Link(calls[0], "continuedBy"), Link(calls[1], "continuedBy"));
        Assert.Equal((null, null), (Link(calls[0], "continues"), Link(calls[2], "continuedBy")));
    }

    [Fact]
    public void The_state_is_masked_where_all_parameters_are_the_arguments_and_only_at_their_top()
    {
        const string Read =
            """{"jsonrpc":"2.0","id":1,"method":"resources/read","params":"""
            + """{"uri":"a://b","requestState":"mine","inputResponses":{"requestState":{"password":"p"},"a":"""
            + """{"requestState":"theirs"}}}}""";
        _tracked.Feed(new Wire().Open().FromClient(Peer.Post(Read)).FromServer(Peer.Ok(Peer.Result(1))));
        string arguments = _tracked.Only.GetProperty("arguments").GetRawText();
        Assert.DoesNotContain("mine", arguments, StringComparison.Ordinal);
        Assert.Contains("theirs", arguments, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"region":"eu-1"}""", "Mcp-Param-Region: eu-1", false)]
    [InlineData("""{"region":"eu-1"}""", "mcp-param-REGION:eu-1 ", false)]
    [InlineData("""{"region":"eu-1"}""", "Mcp-Param-Region: us-1", true)]
    [InlineData("""{"region":"EU-1"}""", "Mcp-Param-Region: eu-1", true)]
    [InlineData("""{"region":"eu-1"}""", "", true)]
    [InlineData("""{"region":null}""", "", false)]
    [InlineData("""{"region":null}""", "Mcp-Param-Region: eu-1", true)]
    [InlineData("""{}""", "Mcp-Param-Region: eu-1", true)]
    [InlineData("""{}""", "Mcp-Param-Other: eu-1", false)]
    [InlineData("""{"region":"\u00fc"}""", "Mcp-Param-Region: =?base64?w7w=?=", false)]
    [InlineData("""{"region":" a "}""", "Mcp-Param-Region: =?base64?IGEg?=", false)]
    [InlineData("""{"region":" a "}""", "Mcp-Param-Region: a", true)]
    [InlineData("""{"n":42}""", "Mcp-Param-Count: 42.0", false)]
    [InlineData("""{"n":42.0}""", "Mcp-Param-Count: 42", false)]
    [InlineData("""{"n":42}""", "Mcp-Param-Count: 43", true)]
    [InlineData("""{"n":1e999}""", "Mcp-Param-Count: x", true)]
    [InlineData("""{"dry":true}""", "Mcp-Param-Dry: true", false)]
    [InlineData("""{"dry":true}""", "Mcp-Param-Dry: false", true)]
    [InlineData("""{"at":{"x":{"zone":"b"},"zone":"a"}}""", "Mcp-Param-Zone: a", false)]
    [InlineData("""{"at":{"zone":"a"}}""", "Mcp-Param-Zone: b", true)]
    [InlineData("""{"zone":"a","at":[{"zone":"a"}]}""", "", false)]
    [InlineData("""{"at":{},"b":{"zone":"a"}}""", "", false)]
    [InlineData("""{"list":[{"region":"a"}],"region":"eu-1"}""", "Mcp-Param-Region: eu-1", false)]
    public void Headers_that_repeat_arguments_are_checked_against_them(string arguments, string header, bool mismatch)
    {
        var wire = Listed();
        string headers = Headers + (header.Length > 0 ? header + "\r\n" : "");
        wire.FromClient(Peer.Post(Peer.Call(2, "deploy", arguments, Meta), headers))
            .FromServer(Peer.Ok(Peer.Result(2)));
        _tracked.Feed(wire).Flush();
        Assert.Equal(mismatch, Record(1).TryGetProperty("headerMismatch", out _));
    }

    [Fact]
    public void Nothing_is_said_of_headers_where_the_list_was_not_seen_or_the_revision_has_none()
    {
        var wire = new Wire().Open();
        string call = Peer.Call(2, "deploy", """{"region":"eu-1"}""", Meta);
        wire.FromClient(Peer.Post(call, Headers)).FromServer(Peer.Ok(Peer.Result(2)));
        _tracked.Feed(wire);
        wire = Listed(port: 40001);
        wire.FromClient(
                Peer.Post(Peer.Call(2, "deploy", """{"region":"eu-1"}"""), "MCP-Protocol-Version: 2025-11-25\r\n")
            )
            .FromServer(Peer.Ok(Peer.Result(2)));
        Assert.DoesNotContain(_tracked.Feed(wire).Json, json => json.Contains("Mismatch", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("tools/call", "deploy", "MCP-Protocol-Version|Mcp-Method|Mcp-Name", false)]
    [InlineData("tools/call", "deploy", "Mcp-Method|Mcp-Name", true)]
    [InlineData("tools/call", "deploy", "MCP-Protocol-Version|Mcp-Name", true)]
    [InlineData("tools/call", "deploy", "MCP-Protocol-Version|Mcp-Method", true)]
    [InlineData("server/discover", "", "MCP-Protocol-Version|Mcp-Method", false)]
    [InlineData("ui/open", "deploy", "MCP-Protocol-Version|Mcp-Method", false)]
    public void A_header_that_the_revision_requires_is_missed(string method, string name, string sent, bool mismatch)
    {
        string headers = string.Concat(
            sent.Split('|')
                .Select(header =>
                    $"{header}: {(header == "Mcp-Method" ? method : header == "Mcp-Name" ? name : "2026-07-28")}\r\n"
                )
        );
        string body = Peer.Call(1, name, meta: Meta).Replace("tools/call", method, StringComparison.Ordinal);
        _tracked.Feed(new Wire().Open().FromClient(Peer.Post(body, headers)).FromServer(Peer.Ok(Peer.Result(1))));
        Assert.Equal(mismatch, _tracked.Only.TryGetProperty("headerMismatch", out _));
    }

    [Fact]
    public void A_tools_hints_stand_in_the_list_and_in_the_records_of_its_calls()
    {
        ToolList? list = null;
        var tracked = new Tracked(new McpOptions { HashTools = true }) { Look = call => list ??= call.Tools };
        var wire = Listed();
        foreach ((int id, string tool) in new[] { (2, "deploy"), (3, "read"), (4, "unknown") })
        {
            wire.FromClient(Peer.Post(Peer.Call(id, tool))).FromServer(Peer.Ok(Peer.Result(id)));
        }

        tracked.Feed(wire).Flush();
        Assert.Equal(
            [
                ToolAnnotations.HasReadOnly | ToolAnnotations.HasDestructive | ToolAnnotations.Destructive,
                ToolAnnotations.HasReadOnly
                    | ToolAnnotations.ReadOnly
                    | ToolAnnotations.HasIdempotent
                    | ToolAnnotations.Idempotent,
            ],
            list!.Tools.Select(tool => tool.Annotations)
        );
        Assert.Contains(
            """ "annotations":{"readOnlyHint":false,"destructiveHint":true}""".Trim(),
            tracked.Json[1],
            StringComparison.Ordinal
        );
        Assert.Contains("\"idempotentHint\":true", tracked.Json[2], StringComparison.Ordinal);
        Assert.DoesNotContain("annotations", tracked.Json[3], StringComparison.Ordinal);
    }

    [Fact]
    public void A_later_list_takes_the_place_of_the_one_before_and_a_page_adds_to_it()
    {
        var wire = Listed();
        string page = """{"tools":[{"name":"more","annotations":{"readOnlyHint":true}}],"nextCursor":"x"}""";
        wire.FromClient(Peer.Post("""{"jsonrpc":"2.0","id":2,"method":"tools/list"}"""))
            .FromServer(Peer.Ok(Peer.Result(2, page)));
        Call(wire, 3, "read");
        Call(wire, 4, "more");
        wire.FromClient(Peer.Post("""{"jsonrpc":"2.0","id":5,"method":"tools/list"}"""))
            .FromServer(Peer.Ok(Peer.Result(5, """{"tools":[{"name":"read"}]}""")));
        Call(wire, 6, "read");
        Call(wire, 7, "more");
        _tracked.Feed(wire).Flush();
        Assert.Equal(
            [true, true, false, false],
            _tracked
                .Json.Where(json => json.Contains("tools/call", StringComparison.Ordinal))
                .Select(json => json.Contains("annotations", StringComparison.Ordinal))
        );
    }

    [Fact]
    public void Lists_hold_a_bounded_share_of_the_memory()
    {
        const int Memory = 4 << 20;
        var tracked = new Tracked(new McpOptions { MaxMemoryBytes = Memory });
        string tools = string.Join(
            ',',
            Enumerable
                .Range(0, 250)
                .Select(i => $$$"""{"name":"{{{new string('n', 500)}}}{{{i}}}","annotations":{"readOnlyHint":true}}""")
        );
        for (int i = 0; i < 300; i++)
        {
            var wire = new Wire(40000 + i) { Called = Mcp.Tcp.IpEndpoint.From([10, 1, (byte)(i >> 8), (byte)i], 8080) };
            wire.Open()
                .FromClient(Peer.Post("""{"jsonrpc":"2.0","id":1,"method":"tools/list"}"""))
                .FromServer(Peer.Ok(Peer.Result(1, $$"""{"tools":[{{tools}}]}""")), split: 60_000);
            tracked.Feed(wire);
        }

        Assert.InRange(tracked.Tracker.Stats.HeldBytes, 1, (Memory / 16) + (2 << 20));
        tracked.Flush();
    }

    [Theory]
    [InlineData(-32020, "HeaderMismatch", "rpc_error(-32020 HeaderMismatch)")]
    [InlineData(-32021, "MissingRequiredClientCapability", "rpc_error(-32021 MissingRequiredClientCapability)")]
    [InlineData(-32022, "UnsupportedProtocolVersion", "rpc_error(-32022 UnsupportedProtocolVersion)")]
    [InlineData(-32601, null, "rpc_error(-32601)")]
    public void Errors_that_MCP_defines_have_their_name(int code, string? name, string told)
    {
        string error = $$$"""{"jsonrpc":"2.0","id":1,"error":{"code":{{{code}}},"message":"no"}}""";
        _tracked.Feed(
            new Wire().Open().FromClient(Peer.Post(Peer.Call(1))).FromServer(Peer.Status("400 Bad Request", error))
        );
        Assert.Equal(name, _tracked.Only.TryGetProperty("errorName", out JsonElement named) ? named.GetString() : null);
        Assert.Contains(told, Assert.Single(_tracked.Lines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("null")]
    [InlineData(null)]
    public void An_HTTP_error_says_why_where_its_body_does_without_an_id(string? id)
    {
        string error =
            $$$"""{"jsonrpc":"2.0",{{{(id is null ? "" : $"\"id\":{id},")}}}"error":{"code":"""
            + $$$"""-32020,"message":"headers"}}""";
        _tracked.Feed(
            new Wire().Open().FromClient(Peer.Post(Peer.Call(1))).FromServer(Peer.Status("400 Bad Request", error))
        );
        Assert.Equal(["tools/call echo http_error"], _tracked.Summary);
        Assert.Equal("HeaderMismatch", _tracked.Only.GetProperty("errorName").GetString());
        Assert.Equal(0, _tracked.Flush().Tracker.Stats.Orphans);
    }

    [Fact]
    public void Extensions_and_caching_hints_stand_in_the_record()
    {
        var wire = new Wire()
            .Open()
            .FromClient(Peer.Post(Peer.Call(1, "deploy", meta: Meta), Headers))
            .FromServer(
                Peer.Ok(
                    Peer.Result(
                        1,
                        """{"capabilities":{"extensions":{"a/b":{}}},"ttlMs":5,"cacheScope":"private","content":[]}"""
                    )
                )
            );
        _tracked.Feed(wire);
        JsonElement call = _tracked.Only;
        Assert.Equal(
            """["io.modelcontextprotocol/tasks","com.example/ui"]""",
            call.GetProperty("client").GetProperty("extensions").GetRawText()
        );
        Assert.Equal("""["a/b"]""", call.GetProperty("server").GetProperty("extensions").GetRawText());
        Assert.Equal(
            (5, "private"),
            (call.GetProperty("ttlMs").GetInt32(), call.GetProperty("cacheScope").GetString())
        );
    }

    [Fact]
    public void Many_and_long_names_of_extensions_are_cut_to_what_fits()
    {
        string names = string.Join(',', Enumerable.Range(0, 1000).Select(i => $"\"x.example/{i}\":{{}}"));
        string body =
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{\"capabilities\":{\"extensions\":{"
            + $"{names},\"{new string('y', 5000)}\":{{}}}}}}}}}}";
        _tracked.Feed(new Wire().Open().FromClient(Peer.Post(body)).FromServer(Peer.Ok(Peer.Result(1))));
        JsonElement extensions = _tracked.Only.GetProperty("client").GetProperty("extensions");
        Assert.InRange(Encoding.UTF8.GetByteCount(extensions.GetRawText()), 400, 800);
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"logging/setLevel","params":{"level":"info"}}""", "{}", "logging")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ping"}""", "{}", null)]
    [InlineData(
        """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","_meta":"""
            + """{"io.modelcontextprotocol/logLevel":"info"}}}""",
        "{}",
        "logging"
    )]
    [InlineData(
        """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","includeContext":"allServers"}}""",
        """{"resultType":"input_required","inputRequests":{"a":{"method":"sampling/createMessage"},"b":"""
            + """{"method":"roots/list"},"c":7}}""",
        "roots,sampling"
    )]
    public void Features_that_are_deprecated_are_noted(string request, string result, string? noted)
    {
        _tracked.Feed(new Wire().Open().FromClient(Peer.Post(request)).FromServer(Peer.Ok(Peer.Result(1, result))));
        string? found = _tracked.Only.TryGetProperty("deprecated", out JsonElement names)
            ? string.Join(',', names.EnumerateArray().Select(name => name.GetString()))
            : null;
        Assert.Equal(noted, found);
    }

    [Fact]
    public void A_servers_requests_and_its_log_are_noted_as_deprecated()
    {
        const string Sampling =
            """{"jsonrpc":"2.0","id":"s","method":"sampling/createMessage","params":{"includeContext":"thisServer"}}""";
        var wire = new Wire()
            .Open()
            .FromClient(Peer.Post(Peer.Call(1)))
            .FromServer(
                Peer.EventStream()
                    + Peer.Event(Sampling)
                    + Peer.Event("""{"jsonrpc":"2.0","method":"notifications/message","params":{"data":1}}""")
                    + Peer.Event(Peer.Result(1))
                    + Peer.LastChunk
            );
        _tracked.Feed(wire).Flush();
        Assert.Contains("\"deprecated\":[\"logging\"]", _tracked.Json[0], StringComparison.Ordinal);
        Assert.Contains("\"deprecated\":[\"sampling\",\"includeContext\"]", _tracked.Json[1], StringComparison.Ordinal);
    }

    private static Wire Listed(int port = 40000) =>
        new Wire(port)
            .Open()
            .FromClient(Peer.Post("""{"jsonrpc":"2.0","id":1,"method":"tools/list"}"""))
            .FromServer(Peer.Ok(Peer.Result(1, Tools)));

    private static void Call(Wire wire, int id, string tool) =>
        wire.FromClient(Peer.Post(Peer.Call(id, tool))).FromServer(Peer.Ok(Peer.Result(id)));

    private JsonElement Record(int index) => JsonDocument.Parse(_tracked.Json[index]).RootElement;

    private static string? Link(JsonElement call, string name) =>
        call.TryGetProperty(name, out JsonElement link) ? link.GetString() : null;
}
