using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Ocx.Text.Tests;

public sealed class CanonicalJsonTests
{
    // RFC 8785, 3.2.2, and its bytes in 3.2.4.
    private const string Sample = """
        {
          "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
          "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
          "literals": [null, true, false]
        }
        """;

    private const string SampleBytes =
        "7b226c69746572616c73223a5b6e756c6c2c747275652c66616c73655d2c226e756d62657273223a"
        + "5b3333333333333333332e333333333333332c31652b33302c342e352c302e3030322c31652d32375d2c22737472696e67223a22e282"
        + "ac245c75303030665c6e4127425c225c5c5c5c5c222f227d";

    // RFC 8785, 3.2.3.
    private const string Unsorted = """
        {
          "\u20ac": "Euro Sign",
          "\r": "Carriage Return",
          "\ufb33": "Hebrew Letter Dalet With Dagesh",
          "1": "One",
          "\ud83d\ude00": "Emoji: Grinning Face",
          "\u0080": "Control",
          "\u00f6": "Latin Small Letter O With Diaeresis"
        }
        """;

    [Fact]
    public void The_RFCs_sample_has_the_RFCs_bytes() =>
        Assert.Equal(SampleBytes, Convert.ToHexStringLower(Write(Encoding.UTF8.GetBytes(Sample))!));

    [Fact]
    public void The_RFCs_names_are_in_the_RFCs_order() =>
        Assert.Equal(
            "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\","
                + "\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\","
                + "\"\U0001F600\":\"Emoji: Grinning Face\",\"\uFB33\":\"Hebrew Letter Dalet With Dagesh\"}",
            Canonical(Unsorted)
        );

    // RFC 8785, appendix B.
    [Theory]
    [InlineData(0x0000000000000000, "0")]
    [InlineData(0x8000000000000000, "0")]
    [InlineData(0x0000000000000001, "5e-324")]
    [InlineData(0x8000000000000001, "-5e-324")]
    [InlineData(0x7fefffffffffffff, "1.7976931348623157e+308")]
    [InlineData(0xffefffffffffffff, "-1.7976931348623157e+308")]
    [InlineData(0x4340000000000000, "9007199254740992")]
    [InlineData(0xc340000000000000, "-9007199254740992")]
    [InlineData(0x4430000000000000, "295147905179352830000")]
    [InlineData(0x44b52d02c7e14af5, "9.999999999999997e+22")]
    [InlineData(0x44b52d02c7e14af6, "1e+23")]
    [InlineData(0x44b52d02c7e14af7, "1.0000000000000001e+23")]
    [InlineData(0x444b1ae4d6e2ef4e, "999999999999999700000")]
    [InlineData(0x444b1ae4d6e2ef4f, "999999999999999900000")]
    [InlineData(0x444b1ae4d6e2ef50, "1e+21")]
    [InlineData(0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7")]
    [InlineData(0x3eb0c6f7a0b5ed8d, "0.000001")]
    [InlineData(0x41b3de4355555553, "333333333.3333332")]
    [InlineData(0x41b3de4355555554, "333333333.33333325")]
    [InlineData(0x41b3de4355555555, "333333333.3333333")]
    [InlineData(0x41b3de4355555556, "333333333.3333334")]
    [InlineData(0x41b3de4355555557, "333333333.33333343")]
    [InlineData(0xbecbf647612f3696, "-0.0000033333333333333333")]
    [InlineData(0x43143ff3c1cb0959, "1424953923781206.2")]
    public void The_RFCs_numbers_are_written_as_the_RFC_has_them(ulong bits, string written)
    {
        double value = BitConverter.UInt64BitsToDouble(bits);
        Assert.Equal(written, Canonical(value.ToString("E16", CultureInfo.InvariantCulture)));
        Assert.Equal(written, Canonical(written));
    }

    [Theory]
    [InlineData("1e-7", "1e-7")]
    [InlineData("0.000001", "0.000001")]
    [InlineData("-0.0", "0")]
    [InlineData("-0e5", "0")]
    [InlineData("100", "100")]
    [InlineData("1e20", "100000000000000000000")]
    [InlineData("1e21", "1e+21")]
    [InlineData("1000000000000000000000", "1e+21")]
    [InlineData("12.50e1", "125")]
    [InlineData("1e-400", "0")]
    [InlineData("9007199254740991", "9007199254740991")]
    [InlineData("-9007199254740994", "-9007199254740994")]
    [InlineData("10.0", "10")]
    public void Numbers_are_written_as_ECMAScript_writes_them(string literal, string written) =>
        Assert.Equal(written, Canonical(literal));

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("{")]
    [InlineData("1 2")]
    [InlineData("[1,]")]
    [InlineData("// a\n1")]
    [InlineData("NaN")]
    [InlineData("01")]
    [InlineData("1e309")]
    [InlineData("-1e309")]
    [InlineData("1e99999999999999999999")]
    [InlineData("9007199254740993")]
    [InlineData("-9007199254740993")]
    [InlineData("1000000000000000000001")]
    [InlineData("12345678901234567890")]
    [InlineData("{\"a\":1,\"a\":1}")]
    [InlineData("{\"a\":1,\"b\":2,\"a\":3}")]
    [InlineData("{\"b\":1,\"a\":2,\"\\u0061\":3}")]
    [InlineData("[{\"x\":{\"é\":1,\"\\u00e9\":1}}]")]
    [InlineData("\"\\ud83d\"")]
    [InlineData("\"\\ude00\\ud83d\"")]
    [InlineData("{\"\\udead\":1}")]
    [InlineData("\"a\nb\"")]
    public void What_has_no_one_meaning_is_refused(string json)
    {
        Assert.Null(Canonical(json));
        Assert.False(CanonicalJson.IsCanonical(Encoding.UTF8.GetBytes(json)));
        Assert.False(CanonicalJson.TryDigest(Encoding.UTF8.GetBytes(json), new byte[32]));
    }

    [Fact]
    public void Broken_UTF8_is_refused()
    {
        foreach (byte[] broken in new byte[][] { [0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80] })
        {
            byte[] text = [(byte)'"', .. broken, (byte)'"'];
            Assert.Null(Write(text));
            Assert.Null(Write([(byte)'{', .. text, (byte)':', (byte)'1', (byte)'}']));
            Assert.False(CanonicalJson.IsCanonical(text));
        }
    }

    [Fact]
    public void Nesting_is_bounded()
    {
        string deep = new string('[', WireJson.MaxDepth) + new string(']', WireJson.MaxDepth);
        Assert.Equal(deep, Canonical(deep));
        Assert.True(CanonicalJson.IsCanonical(Encoding.ASCII.GetBytes(deep)));
        Assert.Null(Canonical($"[{deep}]"));
        Assert.False(CanonicalJson.IsCanonical(Encoding.ASCII.GetBytes($"[{deep}]")));
    }

    [Fact]
    public void The_digest_is_that_of_the_canonical_bytes()
    {
        byte[] json = Encoding.UTF8.GetBytes($$"""{"b": [1.0, "{{new string('x', 100_000)}}"], "a": "\u000f"}""");
        byte[] digest = new byte[CanonicalJson.DigestLength];
        Assert.True(CanonicalJson.TryDigest(json, digest));
        Assert.Equal(SHA256.HashData(Write(json)!), digest);
    }

    // 4 MiB each. What took quadratic time would take minutes; the bound is far from what they take (0.1 to 3 s).
    [Theory]
    [InlineData("names that differ at their ends")]
    [InlineData("names in the opposite order")]
    [InlineData("elements")]
    [InlineData("escapes")]
    [InlineData("one long number")]
    [InlineData("objects in each other")]
    public void Hostile_text_costs_no_more_than_other_text(string kind)
    {
        byte[] json = Encoding.ASCII.GetBytes(Hostile(kind, 4 << 20));
        var clock = Stopwatch.StartNew();
        Assert.True(CanonicalJson.TryDigest(json, new byte[32]));
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(30));
    }

    private static string Hostile(string kind, int length)
    {
        var text = new StringBuilder();
        switch (kind)
        {
            case "names that differ at their ends":
                string prefix = new('a', 2000);
                text.AppendJoin(
                    ',',
                    Enumerable.Range(0, length / 2010).Select(i => $"\"{prefix}{i * 7919 % 2089:d4}\":1")
                );
                return $"{{{text}}}";
            case "names in the opposite order":
                text.AppendJoin(',', Enumerable.Range(0, length / 12).Select(i => $"\"{9_999_999 - i}\":1"));
                return $"{{{text}}}";
            case "elements":
                return $"[{string.Join(',', Enumerable.Repeat('1', length / 2))}]";
            case "escapes":
                return $"\"{string.Concat(Enumerable.Repeat("\\u0001", length / 6))}\"";
            case "one long number":
                return $"0.{new string('1', length)}";
            default:
                string inner = $"\"{new string('x', length)}\"";
                for (int i = 0; i < WireJson.MaxDepth - 1; i++)
                {
                    text.Append("{\"b\":");
                }

                return text.Append(inner)
                    .Append(string.Concat(Enumerable.Repeat(",\"a\":1}", WireJson.MaxDepth - 1)))
                    .ToString();
        }
    }

    private static string? Canonical(string json) =>
        Write(Encoding.UTF8.GetBytes(json)) is { } written ? Encoding.UTF8.GetString(written) : null;

    private static byte[]? Write(byte[] json)
    {
        var output = new ArrayBufferWriter<byte>();
        bool done = CanonicalJson.TryWrite(json, output);
        Assert.True(done || output.WrittenCount == 0);
        Assert.Equal(done && json.AsSpan().SequenceEqual(output.WrittenSpan), CanonicalJson.IsCanonical(json));
        return done ? output.WrittenSpan.ToArray() : null;
    }
}
