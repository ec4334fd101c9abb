using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Ocx.Audit.Intents;
using Ocx.Audit.Jury;
using Ocx.Text;

namespace Ocx.Audit.Ledger;

/// <summary>
/// A record as it is read, to be shown: each text in it is plain and bounded. Whether the record is as it was written,
/// <see cref="LedgerVerifier"/> says.
/// </summary>
public sealed record LedgerRecord
{
    /// <summary>The chain.</summary>
    public required string Chain { get; init; }

    /// <summary>Its number in the chain, and its hash.</summary>
    public required LedgerPosition Position { get; init; }

    /// <summary>The hash of the record before it.</summary>
    public required string Previous { get; init; }

    /// <summary>
    /// What was recorded. The arguments are incomplete when the record holds their beginning only.
    /// </summary>
    public required LedgerEntry Entry { get; init; }

    /// <summary>Votes of the verdict beyond those that were kept.</summary>
    public long MoreVotes { get; init; }

    /// <summary>Reads a line of a ledger.</summary>
    /// <param name="line">A line of any provenance, without its line break.</param>
    /// <returns>Null when it is a head or a stub.</returns>
    /// <exception cref="FormatException">It is no line of a ledger.</exception>
    public static LedgerRecord? Read(ReadOnlySpan<byte> line)
    {
        if (!LedgerLineFields.TryRead(line, out LedgerLineFields fields))
        {
            throw new FormatException("no line of a ledger");
        }

        if (fields.Kind != LedgerLineKind.Record)
        {
            return null;
        }

        WireObject record = WireObject.Parse(line);
        WireObject verdict = Part(record, "verdict");
        WireObject audit = Part(record, "audit");
        return new LedgerRecord
        {
            Chain = Text(record, "chain"),
            Position = new LedgerPosition(fields.Sequence, Text(record, "hash")),
            Previous = Text(record, "previous"),
            MoreVotes = verdict.Number("moreVotes") ?? 0,
            Entry = new LedgerEntry
            {
                Time = LedgerTime.Parse(Text(record, "time")),
                Audit = new(Text(audit, "namespace"), Text(audit, "name"), audit.Number("generation") ?? 0),
                Mode = Text(record, "mode"),
                Intent = ReadIntent(Text(record, "call"), Part(record, "intent")),
                Verdict = new Verdict(
                    Word<Outcome>(verdict, "outcome"),
                    Text(verdict, "reason"),
                    [.. Votes(verdict.Json("votes"))],
                    Took(verdict)
                )
                {
                    Passed = verdict.Flag("passed"),
                },
                RevertTokenId = record.Has("token") ? Text(record, "token") : null,
                Result = record.Inner("result") is { } result ? new(Text(result, "status"), Took(result)) : null,
                Rehearsal = record.Inner("rehearsal") is { } rehearsal ? LedgerRehearsal.Read(rehearsal) : null,
                Plan = record.Inner("revert") is { } plan ? RevertPlan.Read(plan) : null,
                Reverts = record.Inner("reverts") is { } act
                    ? new RevertAct(Text(act, "call"), Text(act, "by"), Text(act, "reason"))
                    : null,
            },
        };
    }

    private static Intent ReadIntent(string key, WireObject intent) =>
        new()
        {
            Key = key,
            Time = LedgerTime.Parse(Text(intent, "time")),
            Method = Text(intent, "method"),
            Tool = Text(intent, "tool"),
            Arguments = Encoding.UTF8.GetBytes(
                LedgerArguments.Cut(Encoding.UTF8.GetBytes(intent.Text("arguments"))).Text
            ),
            ArgumentsComplete = intent.Flag("complete"),
            ArgumentsDigest = Text(intent, "digest"),
            CredentialInArguments = intent.Flag("credential"),
            RequestBytes = intent.Number("bytes") ?? 0,
            Client = ReadParty(intent.Inner("client")),
            Server = ReadParty(intent.Inner("server")),
            Session = Text(intent, "session"),
            ProtocolVersion = Text(intent, "protocol"),
            Hints = ReadHints(Part(intent, "hints")),
            Class = Word<CallClass>(intent, "class"),
        };

    private static Party ReadParty(WireObject? party) =>
        party is null
            ? new Party()
            : new Party
            {
                Address = Text(party, "address"),
                Namespace = Text(party, "namespace"),
                Pod = Text(party, "pod"),
                Workload = Text(party, "workload"),
                Name = Text(party, "name"),
                Version = Text(party, "version"),
            };

    private static ToolHints ReadHints(WireObject hints)
    {
        return new(Hint("readOnly"), Hint("destructive"), Hint("idempotent"), Hint("openWorld"));

        bool? Hint(string name) => hints.Has(name) ? hints.Flag(name) : null;
    }

    private static List<JurorVote> Votes(ReadOnlyMemory<byte> json)
    {
        List<JurorVote> votes = [];
        JsonElement array = json.IsEmpty ? default : JsonElement.Parse(json.Span);
        if (array.ValueKind != JsonValueKind.Array || array.GetArrayLength() > LedgerLimits.Votes)
        {
            throw new FormatException($"votes is no array of at most {LedgerLimits.Votes}");
        }

        foreach (JsonElement each in array.EnumerateArray())
        {
            WireObject vote = WireObject.Parse(JsonMarshal.GetRawUtf8Value(each));
            votes.Add(
                new JurorVote(
                    Text(vote, "juror"),
                    new Vote(Word<Ballot>(vote, "ballot"), Text(vote, "reason")),
                    Took(vote),
                    vote.Has("failure") ? Text(vote, "failure") : null
                )
            );
        }

        return votes;
    }

    private static WireObject Part(WireObject of, string name) =>
        of.Inner(name) ?? throw new FormatException($"{name} is not there");

    // A ledger may be forged: what is shown of it is escaped as it was when it was written.
    private static string Text(WireObject of, string name) => WireText.Escape(of.Text(name), LedgerLimits.Reason);

    private static T Word<T>(WireObject of, string name)
        where T : struct, Enum =>
        Enum.TryParse(of.Text(name), out T word) && Enum.IsDefined(word) && word.ToString() == of.Text(name)
            ? word
            : throw new FormatException($"{name} is no {typeof(T).Name}");

    private static TimeSpan Took(WireObject of) =>
        double.TryParse(of.Json("tookMs").Span, NumberStyles.Float, CultureInfo.InvariantCulture, out double ms)
        && ms is >= 0 and <= 1e12
            ? TimeSpan.FromMilliseconds(ms)
            : throw new FormatException("tookMs is no duration");
}
