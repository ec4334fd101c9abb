using System.Globalization;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Ocx.Mcp.Buffers;
using Ocx.Mcp.Pairing;
using Ocx.Mcp.Redaction;
using Ocx.Mcp.Tests.Calls;

namespace Ocx.Mcp.Tests.Redaction;

public class RedactionTests
{
    private const string Planted = "pl4nted-s3cret-value";

    [Theory]
    [InlineData("""{"password":"pl4nted-s3cret-value"}""")]
    [InlineData("""{"Api-Key" : {"v":["pl4nted-s3cret-value"]}}""")]
    [InlineData("""{"a":[{"access_token":"pl4nted-s3cret-value"}]}""")]
    [InlineData("""{"\u0070assword":"pl4nted-s3cret-value"}""")]
    [InlineData("""{"header":"Authorization: Bearer pl4nted-s3cret-value"}""")]
    [InlineData("""{"header":"\u0042earer pl4nted-s3cret-value"}""")]
    [InlineData("""{"text":"use Basic pl4nted-s3cret-value now"}""")]
    [InlineData("""{"text":"{\"password\":\"pl4nted-s3cret-value\"}"}""")]
    [InlineData("""{"text":"{\"nested\":\"{\\\"secret\\\":\\\"pl4nted-s3cret-value\\\"}\"}"}""")]
    [InlineData("""{"env":"API_KEY=pl4nted-s3cret-value"}""")]
    [InlineData("""{"key":"sk-pl4nted-s3cret-value"}""")]
    [InlineData("""{"jwt":"eyJhbGciOi.pl4nted-s3cret-value.sig"}""")]
    [InlineData("""{"url":"https://user:pl4nted-s3cret-value@host/"}""")]
    [InlineData("""{"url":"https:\/\/user:pl4nted-s3cret-value@host\/"}""")]
    [InlineData("""{"url":"https:/\/user:pl4nted-s3cret-value@host/"}""")]
    [InlineData("""{"text":"{\"url\":\"https:\\/\\/user:pl4nted-s3cret-value@host\"}"}""")]
    [InlineData("""{"url":"https\u003a//user:pl4nted-s3cret-value@host/"}""")]
    [InlineData("""{"key":"sk\u002Dpl4nted-s3cret-value"}""")]
    [InlineData("""{"text":"{\u0022password\u0022:\u0022pl4nted-s3cret-value\u0022}"}""")]
    [InlineData("""{"sk-pl4nted-s3cret-value":1}""")]
    [InlineData("""{"a":[{"Bearer pl4nted-s3cret-value":{"b":[]}}]}""")]
    [InlineData("""{"sk\u002Dpl4nted-s3cret-value" : {"c":"d"}}""")]
    [InlineData("""{"password=pl4nted-s3cret-value":"\ud83d"}""")]
    [InlineData("""{"text":"\ud83d password=pl4nted-s3cret-value"}""")]
    [InlineData("""{"pem":"-----BEGIN RSA PRIVATE KEY-----\npl4nted-s3cret-value"}""")]
    public void A_planted_secret_does_not_pass_and_the_rest_stays_JSON(string json)
    {
        string redacted = Redact(json);
        Assert.DoesNotContain(Planted, redacted, StringComparison.Ordinal);
        Assert.Contains(Redactor.Mask, redacted, StringComparison.Ordinal);
        JsonDocument.Parse(redacted).Dispose();
    }

    [Theory]
    [InlineData("""{"text":"a task about risk","tokens":12,"max_token":5,"items":[1,2,{"a":null}]}""")]
    [InlineData("""{"mail":"someone@example.com","quoted":"say \"basic\" things \u00e9"}""")]
    public void What_is_no_secret_passes_unchanged(string json) => Assert.Equal(json, Redact(json));

    [Fact]
    public void Configured_paths_and_patterns_are_masked()
    {
        var options = new RedactionOptions { Paths = ["$.user.mail", "$.items[*].key"], Patterns = [@"\d{4}-\d{4}"] };
        Assert.Equal(
            """{"user":{"mail":"[redacted]","name":"n"},"items":[{"key":"[redacted]","n":1}"""
                + """,{"key":"[redacted]"}],"card":"no [redacted]"}""",
            Redact(
                """{"user":{"mail":{"a":1},"name":"n"},"items":[{"key":1,"n":1},{"key":[2]}],"card":"no 1234-5678"}""",
                options
            )
        );
    }

    [Fact]
    public void Paths_and_patterns_that_cannot_be_used_are_named()
    {
        var options = new RedactionOptions { Paths = ["user.mail", "$.ok"], Patterns = ["(", "(a)\\1", "fine"] };
        Assert.Collection(
            options.Validate(),
            problem => Assert.StartsWith("redact path 'user.mail' is not", problem, StringComparison.Ordinal),
            problem => Assert.StartsWith("redact pattern '(' is not", problem, StringComparison.Ordinal),
            problem => Assert.StartsWith("redact pattern '(a)\\1' is not", problem, StringComparison.Ordinal)
        );
        Assert.Throws<ArgumentException>(() => new Redactor(options));
    }

    [Fact]
    public void A_secret_planted_everywhere_reaches_no_record()
    {
        string headers =
            $"Authorization: Bearer {Planted}\r\nCookie: a={Planted}\r\nX-Api-Key: {Planted}\r\n"
            + $"Mcp-Session-Id: eyJhbGciOi.{Planted}\r\n";
        var wire = new Wire();
        wire.Open()
            .FromClient(
                Peer.Post(
                        Peer.Call(
                            1,
                            $"https://u:{Planted}@h/x",
                            $$"""{"password":"{{Planted}}","n":"Bearer {{Planted}}"}"""
                        ),
                        headers
                    )
                    .Replace("/mcp", $"/mcp?api_key={Planted}", StringComparison.Ordinal)
            )
            .FromServer(
                Peer.Ok(
                    Peer.Result(
                        1,
                        $$$"""{"content":[{"type":"text","text":"secret={{{Planted}}}"}],"token":"{{{Planted}}}"}"""
                    ),
                    $"Set-Cookie: {Planted}\r\n"
                )
            )
            .FromClient(Peer.Post(Peer.Call(2), headers))
            .FromServer(
                Peer.Ok($$$"""{"jsonrpc":"2.0","id":2,"error":{"code":1,"message":"bad token: {{{Planted}}}"}}""")
            );
        Tracked tracked = new();
        tracked.Feed(wire).Flush();
        Assert.Equal(2, tracked.Json.Count);
        Assert.All(
            tracked.Json.Concat(tracked.Lines),
            text => Assert.DoesNotContain(Planted, text, StringComparison.Ordinal)
        );
    }

    [Fact]
    public void A_secret_cut_by_the_payload_bound_does_not_pass_in_part()
    {
        for (int bound = 1; bound < 60; bound++)
        {
            Assert.DoesNotContain(
                "pl4n",
                Redact($$"""{"some":"text","password":"{{Planted}}"}""", bound: bound),
                StringComparison.Ordinal
            );
        }
    }

    [Fact]
    public void A_secret_is_found_at_any_place_in_any_case_among_what_looks_like_one()
    {
        string[] holders =
        [
            "password={0}",
            "PassPhrase: {0}",
            "toKEN={0}",
            "API-key={0}",
            "bearer {0}",
            "BASIC {0}",
            "sk-{0}",
            "xoxb-{0}",
            "ftp://u:{0}@h",
            "eyJ{0}",
        ];
        string[] decoys =
        [
            "pas",
            "sec",
            "tok",
            "ap",
            "bas ",
            "s",
            "xo",
            "ey",
            "http:/ ",
            "gh",
            "-",
            "\\u0022",
            "\\u00e9",
            "é",
            "q",
            " ",
        ];
        Prop.ForAll(
                Gen.Choose(0, int.MaxValue).ToArbitrary(),
                seed =>
                {
                    var random = new Random(seed);
                    string Noise() =>
                        string.Concat(
                            Enumerable.Range(0, random.Next(30)).Select(_ => decoys[random.Next(decoys.Length)])
                        );
                    string planted = string.Format(
                        CultureInfo.InvariantCulture,
                        holders[random.Next(holders.Length)],
                        "pl4nteds3cretvalue"
                    );
                    string redacted = Redact($$"""{"text":"{{Noise()}} {{planted}} {{Noise()}}"}""");
                    return !redacted.Contains("pl4nted", StringComparison.Ordinal);
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(3000));
    }

    [Fact]
    public void A_credential_planted_in_any_place_of_a_message_is_in_no_field_of_the_record()
    {
        const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        string[] shapes =
        [
            "Bearer {0}",
            "Basic {0}",
            "sk-live-{0}",
            "ghp_{0}",
            "github_pat_{0}",
            "glpat-{0}",
            "xoxb-{0}",
            "npm_{0}",
            "hf_{0}",
            "eyJ{0}.{0}",
            "AIza{0}",
        ];
        Prop.ForAll(
                Gen.Choose(0, int.MaxValue).ToArbitrary(),
                seed =>
                {
                    var random = new Random(seed);
                    string secret = new(random.GetItems<char>(Alphabet, 24));
                    string planted = string.Format(
                        CultureInfo.InvariantCulture,
                        shapes[random.Next(shapes.Length)],
                        secret
                    );
                    int place = random.Next(20);
                    string At(int index, string otherwise) => place == index ? planted : otherwise;
                    string headers =
                        $"Mcp-Session-Id: {At(0, "s")}\r\nMcp-Method: {At(1, "tools/call")}\r\n"
                        + $"Mcp-Name: {At(2, "n")}\r\nMCP-Protocol-Version: {At(3, "2025-11-25")}\r\n"
                        + $"Origin: https://{At(4, "a.example")}\r\nAuthorization: {At(5, "x")}\r\n"
                        + $"tracestate: {At(6, "x=y")}\r\n"
                        + "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n";
                    string request =
                        $"{{\"jsonrpc\":\"2.0\",\"id\":\"{At(7, "1")}\",\"method\":\"{At(8, "initialize")}\","
                        + $"\"params\":{{\"name\":\"{At(9, "n")}\","
                        + $"\"protocolVersion\":\"{At(10, "2025-11-25")}\",\"clientInfo\":"
                        + $"{{\"name\":\"{At(11, "c")}\",\"version\":\"{At(12, "1")}\"}},"
                        + $"\"arguments\":{{\"{At(13, "k")}\":[{{\"{At(14, "k")}\":\"{At(15, "v")}\"}}]}}}}}}";
                    string answer =
                        random.Next(2) == 0
                            ? $"{{\"jsonrpc\":\"2.0\",\"id\":\"{At(7, "1")}\",\"error\":{{\"code\":1,"
                                + $"\"message\":\"{At(16, "m")}\",\"data\":{{\"{At(17, "k")}\":1}}}}}}"
                            : $"{{\"jsonrpc\":\"2.0\",\"id\":\"{At(7, "1")}\",\"result\":"
                                + $"{{\"protocolVersion\":\"{At(16, "2025-11-25")}\","
                                + $"\"serverInfo\":{{\"name\":\"{At(18, "s")}\","
                                + $"\"version\":\"{At(19, "1")}\"}},\"x\":{{\"{At(17, "k")}\":1}}}}}}";
                    string fields = string.Empty;
                    Tracked tracked = new()
                    {
                        Look = call =>
                            fields += string.Join(
                                '\n',
                                call.Method,
                                call.Name,
                                call.RequestId,
                                call.Session,
                                call.ProtocolVersion,
                                call.ClientInfo,
                                call.ServerInfo,
                                call.TraceState,
                                call.ForeignOrigin,
                                Encoding.UTF8.GetString(call.Arguments),
                                Encoding.UTF8.GetString(call.Result)
                            ),
                    };
                    tracked
                        .Feed(
                            new Wire()
                                .Open()
                                .FromClient(Peer.Post(request, headers), random.Next(50, 2000))
                                .FromServer(Peer.Ok(answer))
                        )
                        .Flush();
                    string told = fields + string.Concat(tracked.Json) + string.Concat(tracked.Lines);
                    Assert.Single(tracked.Json);
                    Assert.DoesNotContain(secret, told, StringComparison.OrdinalIgnoreCase);
                    return true;
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    [Fact]
    public void Masking_stays_JSON_and_shows_no_part_of_a_credential_wherever_the_text_is_cut()
    {
        string text = """{"a":[1,{"password":{"x":"@"}}],"sk-@":"Bearer @","n":{"secret":["@"]}}""".Replace(
            "@",
            Planted,
            StringComparison.Ordinal
        );
        for (int cut = 1; cut <= text.Length; cut++)
        {
            var buffer = new PooledBuffer(new MemoryBudget(1 << 20), 4096);
            bool whole = new Redactor(new()).Append(Encoding.UTF8.GetBytes(text[..cut]), buffer, mayEnd: true);
            string masked = Encoding.UTF8.GetString(buffer.Span);
            Assert.DoesNotContain("pl4n", masked, StringComparison.Ordinal);
            buffer.Clear();
            new Redactor(new()).Append(Encoding.UTF8.GetBytes(text), buffer);
            JsonDocument.Parse(buffer.Span.ToArray()).Dispose();
            Assert.True(!whole || !SecretHintIn(text[..cut]));
        }

        static bool SecretHintIn(string json) => json.Contains("passw", StringComparison.Ordinal);
    }

    [Fact]
    public void A_string_longer_than_a_record_keeps_is_looked_at_no_further_than_that()
    {
        var random = new Random(1);
        string filler = string.Concat(
            Enumerable.Range(0, 100_000).Select(_ => "-----BEGIN token bearer "[random.Next(20)..])
        );
        foreach (
            string json in new[]
            {
                $$"""{"x":"password={{Planted}} {{filler}}"}""",
                $$"""{"{{filler}} password={{Planted}}":["{{filler}}"]}""",
            }
        )
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            string redacted = Redact(json);
            // The text as bytes, and little more.
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 3L * json.Length);
            Assert.DoesNotContain(Planted, redacted, StringComparison.Ordinal);
            Assert.InRange(redacted.Length, 1, 4096);
        }
    }

    [Fact]
    public void Metadata_records_no_argument_and_no_result()
    {
        var wire = new Wire();
        wire.Open()
            .FromClient(Peer.Post(Peer.Call(1, arguments: """{"a":"visible"}""")))
            .FromServer(Peer.Ok(Peer.Result(1, """{"b":"visible"}""")));
        Tracked tracked = new(new McpOptions { Payload = PayloadMode.Metadata });
        Assert.DoesNotContain("visible", Assert.Single(tracked.Feed(wire).Json), StringComparison.Ordinal);
    }

    private static string Redact(string json, RedactionOptions? options = null, int bound = 4096)
    {
        var buffer = new PooledBuffer(new MemoryBudget(1 << 20), bound);
        new Redactor(options ?? new()).Append(Encoding.UTF8.GetBytes(json), buffer);
        return Encoding.UTF8.GetString(buffer.Span);
    }
}
