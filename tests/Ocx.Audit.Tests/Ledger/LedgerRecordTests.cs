using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Ocx.Audit.Intents;
using Ocx.Audit.Jury;
using Ocx.Audit.Ledger;
using Ocx.Audit.Rehearsals;
using Ocx.Text;

namespace Ocx.Audit.Tests.Ledger;

public sealed class LedgerRecordTests
{
    [Fact]
    public void A_record_is_this_line()
    {
        LedgerLine line = LedgerRecordWriter.Write(Sample.Chain, LedgerPosition.Start, Sample.Entry());
        string zeros = new('0', 64);
        string time = "2026-11-27T12:00:00.000000000Z";
        Assert.Equal(
            $$$"""
            {"audit":{"generation":3,"name":"orders","namespace":"shop"},"call":"call","chain":"auditor-0",
            "hash":"{{{line.Position.Hash}}}",
            "intent":{"arguments":"{\"table\":\"orders\",\"where\":\"1=1\"}","bytes":180,"class":"Irreversible",
            "client":{"address":"10.0.0.1:40000","workload":"deployment/agent"},"complete":true,"credential":false,
            "digest":"{{{new string('a', 64)}}}","hints":{"destructive":true,"openWorld":false},"method":"tools/call",
            "server":{"address":"10.0.0.2:3001","pod":"orders-0"},"time":"{{{time}}}","tool":"delete_rows"},
            "kind":"record","mode":"Observe","previous":"{{{zeros}}}","sequence":1,"time":"{{{time}}}",
            "verdict":{"outcome":"Refused","reason":"deletes all rows","tookMs":3.25,"votes":[
            {"ballot":"Refuse","juror":"policy","reason":"deletes all rows","tookMs":0.2},
            {"ballot":"Abstain","failure":"timeout","juror":"signal","tookMs":3}]},"version":1}
            """.ReplaceLineEndings(""),
            Encoding.UTF8.GetString(line.Bytes.Span)
        );
    }

    [Fact]
    public void Its_hash_is_that_of_its_canonical_form_without_the_hash()
    {
        LedgerLine line = LedgerRecordWriter.Write(Sample.Chain, LedgerPosition.Start, Sample.Entry());
        JsonObject record = JsonNode.Parse(line.Bytes.Span)!.AsObject();
        Assert.True(record.Remove("hash"));
        byte[] digest = new byte[32];
        Assert.True(CanonicalJson.TryDigest(Encoding.UTF8.GetBytes(record.ToJsonString()), digest));
        Assert.Equal(Convert.ToHexStringLower(digest), line.Position.Hash);
    }

    [Fact]
    public void Whatever_others_write_a_record_is_one_plain_line_that_reads_back() =>
        Prop.ForAll(
                Gen.Choose(0, int.MaxValue).ToArbitrary(),
                seed =>
                {
                    LedgerEntry entry = Hostile(new System.Random(seed));
                    var before = new LedgerPosition(41, new string('b', 64));
                    LedgerLine line = LedgerRecordWriter.Write(Sample.Chain, before, entry);
                    LedgerRecord? read = LedgerRecord.Read(line.Bytes.Span);
                    LedgerLine again = LedgerRecordWriter.Write(Sample.Chain, before, read!.Entry);
                    string text = Encoding.UTF8.GetString(line.Bytes.Span);
                    return text.EnumerateRunes().All(WireText.IsPlain)
                        && CanonicalJson.IsCanonical(line.Bytes.Span)
                        && line.Bytes.Length <= LedgerLimits.Line
                        && read.Position == line.Position
                        && read.Entry.Intent.Key == entry.Intent.Key
                        && again.Bytes.Span.SequenceEqual(line.Bytes.Span);
                }
            )
            .QuickCheckThrowOnFailure();

    [Theory]
    [InlineData('a')]
    [InlineData('"')]
    [InlineData('\\')]
    [InlineData('\u202e')]
    [InlineData('\ud83d')]
    [InlineData('\u4e00')]
    public void The_longest_texts_fit_a_line(char filler)
    {
        string text = new(filler, 1_000_000);
        string json = $"[{new JsonArray(text).ToJsonString()[1..^1]}]";
        string plan = new JsonObject { ["a"] = new string(filler, 1000) }.ToJsonString();
        LedgerEntry entry = Fill(text, Encoding.UTF8.GetBytes(json)) with
        {
            Plan = RevertPlan.Call(new string('t', RevertPlan.LongestTool), Encoding.UTF8.GetBytes(plan), "/"),
            Reverts = new RevertAct(text, text, text),
        };
        LedgerLine line = LedgerRecordWriter.Write(Sample.Chain, LedgerPosition.Start, entry);
        Assert.InRange(line.Bytes.Length, LedgerLimits.Arguments, LedgerLimits.Line);
        LedgerRecord read = LedgerRecord.Read(line.Bytes.Span)!;
        Assert.False(read.Entry.Intent.ArgumentsComplete);
        Assert.Equal(JsonValueKind.String, JsonElement.Parse(read.Entry.Intent.Arguments.Span).ValueKind);
        Assert.Equal(LedgerLimits.Votes, read.Entry.Verdict.Votes.Count);
        Assert.Equal(1000 - LedgerLimits.Votes, read.MoreVotes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a\nb")]
    [InlineData("é")]
    public void A_key_that_would_be_altered_is_refused(string key) =>
        Assert.Throws<ArgumentException>(() =>
            LedgerRecordWriter.Write(Sample.Chain, LedgerPosition.Start, Sample.Entry(key))
        );

    [Fact]
    public void What_is_no_record_is_no_record()
    {
        using LedgerSigningKey key = LedgerSigningKey.Create();
        Assert.Null(LedgerRecord.Read(Sample.Head(Sample.Chain, LedgerPosition.Start, key)));
        string line = Sample.Text(LedgerRecordWriter.Write("c", LedgerPosition.Start, Sample.Entry()).Bytes.ToArray());
        string[] wrong =
        [
            "",
            "{}",
            "[]",
            line[..^1],
            line + "x",
            line.Replace("\"version\":1", "\"version\":2", StringComparison.Ordinal),
            line.Replace("\"Refused\"", "\"3\"", StringComparison.Ordinal),
            line.Replace("\"tookMs\":3.25", "\"tookMs\":-1", StringComparison.Ordinal),
            line.Replace("\"tookMs\":3.25", "\"tookMs\":1e400", StringComparison.Ordinal),
            line.Replace("\"sequence\":1", "\"sequence\":0", StringComparison.Ordinal),
            line.Replace("\"mode\":", "\"mode\":1,\"mode\":", StringComparison.Ordinal),
        ];
        Assert.All(
            wrong,
            text => Assert.Throws<FormatException>(() => LedgerRecord.Read(Encoding.UTF8.GetBytes(text)))
        );
    }

    private static LedgerEntry Hostile(System.Random random)
    {
        string[] pieces = ["a", "\"", "\\", "\n", "\u001b[2J", "\u202e", "\ud83d", "😀", "\u0000", "{", "é", " "];
        string Text(int most) =>
            string.Concat(Enumerable.Range(0, random.Next(most)).Select(_ => pieces[random.Next(pieces.Length)]));
        byte[] arguments = random.Next(3) switch
        {
            0 => [],
            1 => Encoding.UTF8.GetBytes(new JsonObject { [Text(5)] = Text(20_000) }.ToJsonString()),
            _ => Encoding.UTF8.GetBytes(Text(50)),
        };
        LedgerEntry entry = Fill(Text(600), arguments);
        return entry with
        {
            Verdict = entry.Verdict with { Votes = [.. entry.Verdict.Votes.Take(random.Next(LedgerLimits.Votes + 1))] },
            Result = random.Next(2) == 0 ? null : new CallResult(Text(9), TimeSpan.FromTicks(random.NextInt64())),
            Time = new DateTimeOffset(random.NextInt64(DateTime.MaxValue.Ticks), TimeSpan.Zero),
            Plan = random.Next(3) switch
            {
                0 => null,
                1 => RevertPlan.Never(Text(600)),
                _ => RevertPlan.Call(
                    "restore",
                    Encoding.UTF8.GetBytes(new JsonObject { [Text(5)] = Text(3000) }.ToJsonString()),
                    "/mcp"
                ),
            },
            Reverts = random.Next(2) == 0 ? null : new RevertAct(Text(30), Text(30), Text(600)),
        };
    }

    private static LedgerEntry Fill(string text, byte[] arguments)
    {
        var party = new Party
        {
            Address = text,
            Namespace = text,
            Pod = text,
            Workload = text,
            Name = text,
            Version = text,
        };
        LedgerEntry entry = Sample.Entry();
        JurorVote vote = new(text, new Vote(Ballot.Hold, text), TimeSpan.FromDays(20), text);
        return entry with
        {
            Audit = new(text, text, long.MaxValue),
            Mode = text,
            RevertTokenId = text,
            Rehearsal = new RehearsalSummary
            {
                Outcome = RehearsalOutcome.Answered,
                Failure = text,
                Took = TimeSpan.MaxValue,
                State = new StateTotals { RowsDeleted = long.MaxValue, Lag = TimeSpan.FromDays(20) },
                Targets = [.. Enumerable.Repeat(text, 1000)],
                Files = long.MaxValue,
                Connections = -1,
            },
            Result = new CallResult(text, TimeSpan.MaxValue),
            Intent = entry.Intent with
            {
                Method = text,
                Tool = text,
                Arguments = arguments,
                ArgumentsDigest = text,
                RequestBytes = long.MaxValue,
                Client = party,
                Server = party,
                Session = text,
                ProtocolVersion = text,
            },
            Verdict = new Verdict(Audit.Jury.Outcome.Held, text, [.. Enumerable.Repeat(vote, 1000)], TimeSpan.MinValue),
        };
    }
}
