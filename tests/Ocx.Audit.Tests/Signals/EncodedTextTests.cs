using System.Diagnostics;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Ocx.Audit.Jury;
using Ocx.Audit.Signals;

namespace Ocx.Audit.Tests.Signals;

public class EncodedTextTests(ITestOutputHelper output) : SignalJurorTests
{
    [Fact]
    public void Base64_in_prose_is_seen_and_told_in_numbers()
    {
        string text = $"please keep this: {Convert.ToBase64String(Corpus.Random(3072, 1))} thank you";
        Vote vote = Judge(Corpus.Arguments(text));
        Assert.Equal(Ballot.Hold, vote.Ballot);
        Assert.Matches(
            @"^4,096 of 4,1\d\d bytes of its strings look encoded \(99 ?%\), the longest piece is 4,096 bytes of base64"
                + @" at 5\.9\d bits a byte$",
            vote.Reason
        );
    }

    [Fact]
    public void So_is_hexadecimal() =>
        Assert.Contains(
            "600 bytes of hexadecimal at 3.9",
            Judge(Corpus.Arguments(Convert.ToHexString(Corpus.Random(300, 2)))).Reason,
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("base64 in lines")]
    [InlineData("base64 for URLs")]
    [InlineData("a data URL")]
    [InlineData("base64 in short words")]
    [InlineData("hexadecimal in lines")]
    [InlineData("base85")]
    [InlineData("bytes as characters")]
    [InlineData("hexadecimal between slashes")]
    public void However_it_is_wrapped(string kind)
    {
        byte[] data = Corpus.Random(600, 3);
        string base64 = Convert.ToBase64String(data);
        string text = kind switch
        {
            "base64 in lines" => Convert.ToBase64String(data, Base64FormattingOptions.InsertLineBreaks),
            "base64 for URLs" => base64.Replace('+', '-').Replace('/', '_').TrimEnd('='),
            "a data URL" => $"data:image/png;base64,{base64}",
            "base64 in short words" => string.Join(' ', base64.Chunk(12).Select(word => new string(word))),
            "hexadecimal in lines" => string.Join('\n', Convert.ToHexString(data).Chunk(64).Select(l => new string(l))),
            "base85" => new string([.. data.Select(value => (char)('!' + (value % 85)))]),
            "bytes as characters" => new string([.. data.Select(value => (char)value)]),
            _ => string.Join('/', Convert.ToHexString(data).Chunk(40).Select(part => new string(part))),
        };
        Assert.Equal(Ballot.Hold, Judge(Corpus.Arguments(text)).Ballot);
    }

    [Fact]
    public void It_cannot_hide_behind_escapes_or_in_names()
    {
        string data = Convert.ToBase64String(Corpus.Random(384, 4));
        string escaped = string.Concat(data.Select(character => $"\\u{(int)character:x4}"));
        Assert.Equal(Ballot.Hold, Judge(Encoding.ASCII.GetBytes($"{{\"a\":\"{escaped}\"}}")).Ballot);
        Assert.Equal(Ballot.Hold, Judge(Encoding.ASCII.GetBytes($"{{\"{data}\":1}}")).Ballot);
        Assert.Equal(
            Ballot.Hold,
            Judge(JsonSerializer.SerializeToUtf8Bytes(new { json = $"{{\"a\":\"{data}\"}}" })).Ballot
        );
        Assert.Equal(Ballot.Hold, Judge(JsonSerializer.SerializeToUtf8Bytes($"{{\"a\":\"{data}")).Ballot);
    }

    [Theory]
    [InlineData("{\"sha\":\"7f83b1657ff1fc53b92dc18148a1d65dfc2d4b1fa3d677284addd200126d9069\"}")]
    [InlineData("{\"commit\":\"8cca1bae4c14a3d677284addd200126d90697f83\",\"repo\":\"a\"}")]
    [InlineData("{\"path\":\"/home/Ada/Projects2026/Some-Long_Name/src/Ocx.Mcp/Redaction/SecretShapes17.cs\"}")]
    [InlineData("{\"query\":\"SELECT * FROM orders WHERE customer_identifier_in_the_other_system = 17\"}")]
    [InlineData("{\"text\":\"Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverordnung\"}")]
    [InlineData("{\"line\":\"----------------------------------------------------------------------------------\"}")]
    [InlineData("{\"n\":123456789012345678901234567890}")]
    [InlineData("{}")]
    [InlineData("")]
    public void What_calls_usually_carry_is_no_sign(string arguments) =>
        Assert.Equal(Vote.Abstain, Judge(Encoding.UTF8.GetBytes(arguments)));

    [Fact]
    public void Of_real_text_hardly_anything_is_held_and_of_encoded_data_hardly_anything_is_missed()
    {
        // 0 when it was written. The texts are the repository's own and change: one digest in them must not fail it.
        Assert.InRange(Held("English", Corpus.English), 0, 0.02);
        Assert.InRange(Held("source code", Corpus.Source), 0, 0.02);
        Assert.InRange(Held("YAML", Corpus.Yaml), 0, 0.02);
        Assert.InRange(Held("JSON", Corpus.Json), 0, 0.03);
        Assert.InRange(Held("paths", Corpus.Paths), 0, 0.02);
        Assert.Equal(0, Held("UUIDs", Corpus.Uuids));
        foreach (int size in new[] { 72, 96, 192, 768, 3072 })
        {
            IEnumerable<byte[]> data = Enumerable.Range(0, 300).Select(seed => Corpus.Random(size, seed));
            Assert.InRange(Held($"base64 of {size} bytes", [.. data.Select(Convert.ToBase64String)]), 0.97, 1);
            Assert.Equal(1, Held($"hexadecimal of {size} bytes", [.. data.Select(Convert.ToHexString)]));
        }

        string[] encodedEnglish =
        [
            .. Corpus.English.Select(text => Convert.ToBase64String(Encoding.UTF8.GetBytes(text))),
        ];
        Assert.InRange(Held("base64 of English", encodedEnglish), 0.97, 1);
    }

    [Fact]
    public void No_bytes_make_it_throw() =>
        Prop.ForAll<byte[], NonNull<string>>(
                (bytes, text) =>
                {
                    Judge(bytes);
                    byte[] within = [.. "{\"a\":\""u8, .. bytes, .. "\"}"u8];
                    Judge(within);
                    Judge(Encoding.UTF8.GetBytes($"{{\"a\":\"\\u12\\ud800\\{text.Get}"));
                }
            )
            .QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("deep")]
    [InlineData("many short strings")]
    [InlineData("runs that just miss")]
    [InlineData("runs that just count")]
    [InlineData("escapes")]
    [InlineData("invalid UTF-8")]
    [InlineData("not closed")]
    public void Whatever_the_arguments_are_the_work_is_a_few_passes_over_them(string kind)
    {
        byte[] arguments = Encoding.Latin1.GetBytes(
            kind switch
            {
                "deep" => new string('[', 2_000_000),
                "many short strings" => "[" + string.Join(',', Enumerable.Repeat("\"ab\"", 1_000_000)) + "]",
                "runs that just miss" => "\""
                    + string.Concat(Enumerable.Repeat(new string('a', 39) + " ", 100_000))
                    + "\"",
                "runs that just count" => "\""
                    + string.Concat(Enumerable.Repeat(new string('a', 40) + " ", 100_000))
                    + "\"",
                "escapes" => "\"" + string.Concat(Enumerable.Repeat("\\u0041", 600_000)) + "\"",
                "invalid UTF-8" => "\"" + new string('\xff', 4_000_000) + "\"",
                _ => "{\"a\":\"" + new string('x', 4_000_000),
            }
        );
        var juror = new SignalJuror(new SignalOptions());
        long before = GC.GetAllocatedBytesForCurrentThread();
        long start = Stopwatch.GetTimestamp();
        Judge(juror, Call with { Arguments = arguments });
        TimeSpan took = Stopwatch.GetElapsedTime(start);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        output.WriteLine($"{kind}: {arguments.Length:N0} bytes in {took.TotalMilliseconds:N1} ms");
        // A quadratic way takes hours here.
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(20));
        Assert.InRange(allocated, 0, 3L * arguments.Length);
    }

    private double Held(string kind, IReadOnlyList<string> texts)
    {
        Assert.InRange(texts.Count, 10, int.MaxValue);
        var held = texts
            .Select(text => Judge(Corpus.Arguments(text)))
            .Where(vote => vote.Ballot == Ballot.Hold)
            .ToList();
        double share = (double)held.Count / texts.Count;
        output.WriteLine($"{kind}: {held.Count} of {texts.Count} held ({share:P2}) {held.FirstOrDefault().Reason}");
        return share;
    }
}
