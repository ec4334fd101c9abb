using System.Buffers.Text;
using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using Ocx.Audit.Intents;
using Ocx.Audit.Ledger;
using Ocx.Audit.Tests.Ledger;
using Ocx.Audit.Tokens;

namespace Ocx.Audit.Tests.Tokens;

public class RevertTokenTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);
    private static readonly byte[] s_key = [.. Enumerable.Range(0, 32).Select(value => (byte)value)];
    private static readonly byte[] s_newKey = [.. Enumerable.Range(100, 32).Select(value => (byte)value)];
    private static readonly RevertKeyRing s_keys = new(s_key);

    private static readonly RevertBinding s_call = new()
    {
        Call = "node-1-7",
        Caller = "shop/deployment/agent",
        Server = "shop/deployment/files",
        Method = "tools/call",
        Tool = "delete",
        ArgumentsDigest = new string('a', 64),
        Audit = "shop/files",
        Generation = 3,
    };

    private readonly RevertToken _token = RevertToken.Create(s_keys, s_call, s_now.AddHours(1));

    [Fact]
    public void A_token_holds_for_its_call_until_it_expires()
    {
        Assert.Equal(RevertTokenProblem.None, Read(_token.Text));
        Assert.Equal(RevertTokenProblem.None, Read(_token.Text, now: s_now.AddHours(1).AddTicks(-1)));
        Assert.Equal(RevertTokenProblem.Expired, Read(_token.Text, now: s_now.AddHours(1)));
        Assert.Equal(s_now.AddHours(1), _token.Expires);
    }

    [Fact]
    public void A_records_token_is_the_same_each_time_and_holds_for_its_call_for_a_day()
    {
        LedgerRecord record = Record("call-1", RevertToken.NewId());
        RevertToken token = RevertToken.Of(s_keys, record)!;
        Assert.Equal(token.Text, RevertToken.Of(s_keys, record)!.Text);
        Assert.Equal(record.Entry.RevertTokenId, token.Id);
        Assert.Equal(record.Entry.Time + TimeSpan.FromDays(1), token.Expires);
        Assert.Equal(RevertTokenProblem.None, Read(record));
        Assert.Equal(RevertTokenProblem.Mismatch, Read(Record("call-2", token.Id)));
        Assert.Null(RevertToken.Of(s_keys, Record("call-1", null)));
        Assert.Null(RevertToken.Of(s_keys, Record("call-1", "0123")));

        RevertTokenProblem Read(LedgerRecord of)
        {
            RevertToken.TryRead(token.Text, s_keys, RevertBinding.Of(of), s_now, out RevertTokenProblem problem);
            return problem;
        }

        // As it is read back from a ledger, with a name that is cut and escaped there.
        static LedgerRecord Record(string call, string? id)
        {
            LedgerEntry entry = Sample.Entry(call, new string('é', 400) + "\n") with { RevertTokenId = id };
            return LedgerRecord.Read(LedgerRecordWriter.Write("auditor-0", LedgerPosition.Start, entry).Bytes.Span)!;
        }
    }

    [Fact]
    public void It_is_one_short_word()
    {
        Assert.Matches("^ocxr1\\.[A-Za-z0-9_-]{80}$", _token.Text);
        Assert.Matches("^[0-9a-f]{32}$", _token.Id);
    }

    [Fact]
    public void The_format_stays_as_it_is()
    {
        // The HMAC was computed by another program; docs of the format are in RevertToken.
        RevertToken token = RevertToken.Create(
            s_keys,
            s_call,
            DateTimeOffset.FromUnixTimeSeconds(1_800_000_000),
            [.. Enumerable.Repeat((byte)7, 16)]
        );
        Assert.Equal(
            "ocxr1.5nnZlAcHBwcHBwcHBwcHBwcHBwcAAAAAa0nSANGpGQ1r7LGZ93i2DY92tuei19bZ5a9x_OC9ckcbNT1D",
            token.Text
        );
    }

    [Fact]
    public void Two_tokens_of_one_call_differ_and_both_hold()
    {
        RevertToken other = RevertToken.Create(s_keys, s_call, s_now.AddHours(1));
        Assert.NotEqual(_token.Text, other.Text);
        Assert.NotEqual(_token.Id, other.Id);
        Assert.Equal(RevertTokenProblem.None, Read(other.Text));
    }

    [Fact]
    public void It_holds_for_no_other_call()
    {
        RevertBinding[] others =
        [
            s_call with
            {
                Call = "node-1-8",
            },
            s_call with
            {
                Caller = "shop/deployment/other",
            },
            s_call with
            {
                Server = "shop/deployment/other",
            },
            s_call with
            {
                Method = "prompts/get",
            },
            s_call with
            {
                Tool = "Delete",
            },
            s_call with
            {
                ArgumentsDigest = new string('b', 64),
            },
            s_call with
            {
                ArgumentsDigest = "",
            },
            s_call with
            {
                Audit = "shop/other",
            },
            s_call with
            {
                Generation = 4,
            },
        ];
        Assert.Equal(typeof(RevertBinding).GetProperties().Length, others.Length - 1);
        Assert.All(others, other => Assert.Equal(RevertTokenProblem.Mismatch, Read(_token.Text, other)));
    }

    [Fact]
    public void No_character_can_move_from_one_field_to_the_next()
    {
        RevertBinding one = s_call with { Caller = "ab", Server = "c" };
        RevertToken token = RevertToken.Create(s_keys, one, s_now.AddHours(1));
        Assert.Equal(RevertTokenProblem.None, Read(token.Text, one with { }));
        Assert.Equal(RevertTokenProblem.Mismatch, Read(token.Text, one with { Caller = "a", Server = "bc" }));
        Assert.Equal(RevertTokenProblem.Mismatch, Read(token.Text, one with { Caller = "abc", Server = "" }));
    }

    [Fact]
    public void Halves_of_characters_are_not_all_the_same()
    {
        RevertToken token = RevertToken.Create(s_keys, s_call with { Tool = "\ud800" }, s_now.AddHours(1));
        Assert.Equal(RevertTokenProblem.Mismatch, Read(token.Text, s_call with { Tool = "\ud801" }));
        Assert.Equal(RevertTokenProblem.Mismatch, Read(token.Text, s_call with { Tool = "\ufffd" }));
    }

    [Fact]
    public void Whichever_bit_of_it_is_changed_it_is_a_token_no_more()
    {
        byte[] bytes = Base64Url.DecodeFromChars(_token.Text.AsSpan(RevertToken.Prefix.Length));
        for (int bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            RevertTokenProblem expected = bit < 32 ? RevertTokenProblem.UnknownKey : RevertTokenProblem.Mismatch;
            Assert.Equal(expected, Read(RevertToken.Prefix + Base64Url.EncodeToString(bytes)));
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void Whichever_character_of_it_is_another_it_is_a_token_no_more() =>
        Prop.ForAll(
                Gen.Choose(0, _token.Text.Length - 1).ToArbitrary(),
                Gen.Choose(0, 127).ToArbitrary(),
                (place, character) =>
                {
                    char[] text = _token.Text.ToCharArray();
                    text[place] = (char)character;
                    return Read(new string(text)) == RevertTokenProblem.None == (_token.Text[place] == character);
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(3000));

    [Fact]
    public void It_has_one_spelling()
    {
        string text = _token.Text;
        string body = text[RevertToken.Prefix.Length..];
        string[] others =
        [
            "",
            RevertToken.Prefix,
            body,
            text[..^1],
            text[..^4],
            text + "A",
            text + "=",
            text + "====",
            text + "\n",
            " " + text,
            text[..20] + " " + text[20..],
            text[..20] + "\n" + text[21..],
            text.ToUpperInvariant(),
            "OCXR1." + body,
            "ocxr2." + body,
            "ocxr1:" + body,
            RevertToken.Prefix + body[..^1] + "=",
            RevertToken.Prefix + body[..^2] + "==",
            RevertToken.Prefix + new string('+', body.Length),
            RevertToken.Prefix + new string('é', body.Length),
        ];
        Assert.All(others, other => Assert.Equal(RevertTokenProblem.Malformed, Read(other)));
        Assert.NotEqual(RevertTokenProblem.None, Read(text.ToLowerInvariant()));
    }

    [Fact]
    public void No_text_makes_the_reader_throw() =>
        Prop.ForAll<NonNull<string>, byte[]>(
                (text, bytes) =>
                    Read(text.Get) != RevertTokenProblem.None
                    && Read(RevertToken.Prefix + text.Get) != RevertTokenProblem.None
                    && Read(RevertToken.Prefix + Base64Url.EncodeToString(SHA512.HashData(bytes).AsSpan(0, 60)))
                        != RevertTokenProblem.None
            )
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Another_key_neither_reads_nor_makes_it()
    {
        var others = new RevertKeyRing(s_newKey);
        Assert.Equal(RevertTokenProblem.UnknownKey, Read(_token.Text, keys: others));
        RevertToken forged = RevertToken.Create(others, s_call, s_now.AddHours(1));
        Assert.Equal(RevertTokenProblem.UnknownKey, Read(forged.Text));

        // Under the name of the key that is trusted it is no better.
        byte[] bytes = Base64Url.DecodeFromChars(forged.Text.AsSpan(RevertToken.Prefix.Length));
        Base64Url.DecodeFromChars(_token.Text.AsSpan(RevertToken.Prefix.Length)).AsSpan(0, 4).CopyTo(bytes);
        Assert.Equal(RevertTokenProblem.Mismatch, Read(RevertToken.Prefix + Base64Url.EncodeToString(bytes)));
    }

    [Fact]
    public void Keys_are_rotated_without_a_token_lost()
    {
        var both = new RevertKeyRing(s_newKey, s_key);
        RevertToken next = RevertToken.Create(both, s_call, s_now.AddHours(1));
        Assert.Equal(RevertTokenProblem.None, Read(_token.Text, keys: both));
        Assert.Equal(RevertTokenProblem.None, Read(next.Text, keys: both));

        var after = new RevertKeyRing(s_newKey);
        Assert.Equal(RevertTokenProblem.UnknownKey, Read(_token.Text, keys: after));
        Assert.Equal(RevertTokenProblem.None, Read(next.Text, keys: after));
    }

    [Fact]
    public void A_ring_keeps_its_keys_whatever_becomes_of_the_callers_bytes()
    {
        byte[] key = [.. s_key];
        var keys = new RevertKeyRing(key);
        key.AsSpan().Clear();
        Assert.Equal(RevertTokenProblem.None, Read(_token.Text, keys: keys));
    }

    [Fact]
    public void A_ring_without_keys_with_a_short_one_or_with_one_twice_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new RevertKeyRing());
        Assert.Throws<ArgumentException>(() => new RevertKeyRing(s_key.AsMemory(1)));
        Assert.Throws<ArgumentException>(() => new RevertKeyRing(s_key, s_key));
    }

    [Fact]
    public void Its_Id_is_read_without_a_key_and_nothing_else_of_it_is_shown()
    {
        Assert.True(RevertToken.TryReadId(_token.Text, out string id));
        Assert.Equal(_token.Id, id);
        Assert.Equal(_token.Id, _token.ToString());
        Assert.False(RevertToken.TryReadId("ocxr1.no", out id));
        Assert.Equal("", id);
    }

    [Fact]
    public void A_call_is_bound_with_all_that_names_it()
    {
        var intent = new Intent
        {
            Key = "node-1-7",
            Time = s_now,
            Method = "tools/call",
            Tool = "delete",
            ArgumentsDigest = new string('a', 64),
            Client = new Party
            {
                Namespace = "shop",
                Workload = "deployment/agent",
                Address = "10.0.0.1:40000",
            },
            Server = new Party { Namespace = "shop", Workload = "deployment/files" },
        };
        Assert.Equal(s_call, Bound(intent));
        Intent alone = intent with { Client = new Party { Address = "10.0.0.1:40000" } };
        Assert.Equal("10.0.0.1:40000", Bound(alone).Caller);

        static RevertBinding Bound(Intent intent)
        {
            LedgerEntry entry = Sample.Entry() with { Audit = new("shop", "files", 3), Intent = intent };
            LedgerLine line = LedgerRecordWriter.Write("auditor-0", LedgerPosition.Start, entry);
            return RevertBinding.Of(LedgerRecord.Read(line.Bytes.Span)!);
        }
    }

    private static RevertTokenProblem Read(
        string text,
        RevertBinding? call = null,
        RevertKeyRing? keys = null,
        DateTimeOffset? now = null
    )
    {
        bool holds = RevertToken.TryRead(
            text,
            keys ?? s_keys,
            call ?? s_call,
            now ?? s_now,
            out RevertTokenProblem problem
        );
        Assert.Equal(problem == RevertTokenProblem.None, holds);
        return problem;
    }
}
