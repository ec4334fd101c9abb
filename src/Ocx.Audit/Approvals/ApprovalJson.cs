using System.Text.Json;
using Ocx.Audit.Intents;
using Ocx.Audit.Ledger;
using Ocx.Text;

namespace Ocx.Audit.Approvals;

/// <summary>An approval as one line of JSON: in a file of them, and for <c>ocx audit</c>.</summary>
public static class ApprovalJson
{
    /// <summary>The member <c>kind</c> of each, which tells it from a ledger's lines.</summary>
    public const string Kind = "approval";

    /// <summary>Writes one object.</summary>
    /// <param name="to">Made with <see cref="WireJson.WriterOptions"/>.</param>
    /// <param name="approval">The approval.</param>
    public static void Write(Utf8JsonWriter to, Approval approval)
    {
        ArgumentNullException.ThrowIfNull(to);
        ArgumentNullException.ThrowIfNull(approval);
        to.WriteStartObject();
        to.WriteString("kind", Kind);
        to.WriteString("id", approval.Id);
        to.WriteString("binding", approval.Binding);
        to.WriteString("namespace", approval.Audit.Namespace);
        to.WriteString("audit", approval.Audit.Name);
        to.WriteNumber("generation", Math.Max(approval.Audit.Generation, 0));
        to.WriteString("call", approval.Call);
        to.WriteString("caller", approval.Caller);
        to.WriteString("server", approval.Server);
        to.WriteString("method", approval.Method);
        to.WriteString("tool", approval.Tool);
        to.WriteString("class", approval.Class.ToString());
        to.WriteString("arguments", approval.Arguments);
        to.WriteString("digest", approval.ArgumentsDigest);
        to.WriteString("why", approval.Why);
        if (approval.Rehearsal.Length > 0)
        {
            to.WriteString("rehearsal", approval.Rehearsal);
        }

        to.WriteString("askedAt", LedgerTime.Format(approval.AskedAt));
        to.WriteString("expiresAt", LedgerTime.Format(approval.ExpiresAt));
        if (approval.Decision is { } decision)
        {
            to.WriteString("decision", decision.ToString());
            to.WriteString("decidedBy", approval.DecidedBy);
            to.WriteString("reason", approval.Reason);
            WriteTime(to, "decidedAt", approval.DecidedAt);
            WriteTime(to, "usedAt", approval.UsedAt);
            to.WriteString("usedBy", approval.UsedBy);
        }

        to.WriteEndObject();
    }

    /// <summary>Reads one.</summary>
    /// <param name="json">Of any provenance.</param>
    /// <exception cref="FormatException">It is none.</exception>
    public static Approval Read(ReadOnlySpan<byte> json)
    {
        WireObject from = WireObject.Parse(json);
        return from.Text("kind") != Kind
            ? throw new FormatException("no approval")
            : new Approval
            {
                Id = Text("id"),
                Binding = Text("binding"),
                Audit = new(Text("namespace"), Text("audit"), from.Number("generation") ?? 0),
                Call = Text("call"),
                Caller = Text("caller"),
                Server = Text("server"),
                Method = Text("method"),
                Tool = Text("tool"),
                Class = Word<CallClass>("class"),
                Arguments = Text("arguments", Approval.LongestArguments),
                ArgumentsDigest = Text("digest"),
                Why = Text("why", LedgerLimits.Reason),
                Rehearsal = Text("rehearsal", LedgerLimits.Reason),
                AskedAt = LedgerTime.Parse(Text("askedAt")),
                ExpiresAt = LedgerTime.Parse(Text("expiresAt")),
                Decision = from.Has("decision") ? Word<ApprovalDecision>("decision") : null,
                DecidedBy = Text("decidedBy"),
                Reason = Text("reason"),
                DecidedAt = Time("decidedAt"),
                UsedAt = Time("usedAt"),
                UsedBy = Text("usedBy"),
            };

        string Text(string name, int longest = LedgerLimits.Name) => WireText.Escape(from.Text(name), longest);

        DateTimeOffset? Time(string name) => from.Has(name) ? LedgerTime.Parse(Text(name)) : null;

        T Word<T>(string name)
            where T : struct, Enum =>
            Enum.TryParse(from.Text(name), out T word) && Enum.IsDefined(word) && word.ToString() == from.Text(name)
                ? word
                : throw new FormatException($"{name} is no {typeof(T).Name}");
    }

    private static void WriteTime(Utf8JsonWriter to, string name, DateTimeOffset? time)
    {
        if (time is { } known)
        {
            to.WriteString(name, LedgerTime.Format(known));
        }
    }
}
