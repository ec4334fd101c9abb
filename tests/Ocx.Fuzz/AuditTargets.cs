using System.Buffers;
using System.Text;
using System.Text.Json;
using Ocx.Audit.Intents;
using Ocx.Audit.Jury;
using Ocx.Audit.Ledger;
using Ocx.Audit.Policy;
using Ocx.Audit.Signals;
using Ocx.Auditor.Jurors;
using Ocx.Text;

namespace Ocx.Fuzz;

/// <summary>
/// What the audit reads of others: a ledger's lines, jurors' answers, rules, and the arguments of calls.
/// </summary>
internal static class AuditTargets
{
    private const string Uid = "0123456789abcdef0123456789abcdef";

    private static readonly LedgerSigningKey s_key = LedgerSigningKey.Create();
    private static readonly string[] s_methods = ["tools/call"];

    /// <summary>A ledger of any provenance: it is read to its end, and no line of it is believed.</summary>
    public static void ParseLedger(byte[] input)
    {
        using var verifier = new LedgerVerifier([s_key.PublicKey]);
        verifier.ReadAll(new MemoryStream(input));
        LedgerReport report = verifier.Finish();
        FuzzTarget.Must(report.Chains.Sum(chain => chain.Records) <= report.Lines, "there are more records than lines");
        var lines = new LedgerLineReader(new MemoryStream(input));
        while (lines.TryRead(out ReadOnlySpan<byte> line))
        {
            Refuses(line, each => MustBeShown(LedgerRecord.Read(each.Span)));
        }
    }

    /// <summary>The answers of a webhook and of a model.</summary>
    public static void ParseReview(byte[] input)
    {
        Refuses(input, answer => MustBeAVote(CallReview.Answer(answer.Span, Uid), input.Length));
        Refuses(input, answer => MustBeAVote(ModelAnswer.Read(Encoding.UTF8.GetString(answer.Span)), input.Length));
    }

    /// <summary>A rule on the first line, behind it the arguments of a call.</summary>
    public static void ParseRule(byte[] input)
    {
        int end = input.AsSpan().IndexOf((byte)'\n');
        string rule = Encoding.UTF8.GetString(input.AsSpan(0, end < 0 ? input.Length : end));
        byte[] arguments = end < 0 ? [] : input[(end + 1)..];
        try
        {
            CallCondition condition = CallCondition.Compile(rule);
            condition.Warning(s_methods);
            condition.Evaluate(new CallFacts(Call(arguments)));
        }
        catch (FormatException)
        {
            // It does not compile, and says why.
        }
    }

    /// <summary>A call's arguments: signals look at them, they are digested, and stand in a record.</summary>
    public static void ParseArguments(byte[] input)
    {
        Intent intent = Call(input);
        Task<Vote> vote = new SignalJuror(new SignalOptions()).JudgeAsync(intent, default).AsTask();
        FuzzTarget.Must(vote.IsCompletedSuccessfully, "signals have no vote");
        MustBeAVote(vote.GetAwaiter().GetResult(), input.Length);
        CanonicalJson.TryDigest(input, stackalloc byte[CanonicalJson.DigestLength]);
        MustBeOneLine(intent);
    }

    private static void MustBeShown(LedgerRecord? record)
    {
        if (record is not null)
        {
            MustBeOneLine(record.Entry.Intent);
        }
    }

    private static void MustBeOneLine(Intent intent)
    {
        var json = new ArrayBufferWriter<byte>();
        using (var to = new Utf8JsonWriter(json, WireJson.WriterOptions))
        {
            IntentJson.Write(to, intent);
        }

        using JsonDocument written = JsonDocument.Parse(json.WrittenMemory, new() { MaxDepth = 256 });
        FuzzTarget.Must(!json.WrittenSpan.Contains((byte)'\n'), "an intent is on more than one line");
    }

    private static Intent Call(byte[] arguments) =>
        new()
        {
            Key = Uid,
            Time = DateTimeOffset.UnixEpoch,
            Method = "tools/call",
            Tool = "echo",
            Arguments = arguments,
            ArgumentsComplete = true,
            Server = new Party { Address = "10.0.0.1:8080" },
        };

    // A line is a span that a delegate cannot keep.
    private static void Refuses(ReadOnlySpan<byte> input, Action<ReadOnlyMemory<byte>> read)
    {
        try
        {
            read(input.ToArray());
        }
        catch (FormatException)
        {
            // It is none, and says so.
        }
    }

    // The jury cuts a reason; what is to be cut is no longer than what was read.
    private static void MustBeAVote(Vote vote, int input)
    {
        FuzzTarget.Must(Enum.IsDefined(vote.Ballot), "a vote is none of the ballots");
        FuzzTarget.Must(vote.Reason.Length <= 512 + input, "a reason is longer than what it was read from");
    }
}
