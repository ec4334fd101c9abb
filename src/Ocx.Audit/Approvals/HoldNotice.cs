using System.Text.Json;
using Ocx.Audit.Intents;
using Ocx.Audit.Jury;
using Ocx.Audit.Ledger;
using Ocx.Text;

namespace Ocx.Audit.Approvals;

/// <summary>
/// A call that a gate holds begins to wait for a person, or waits no more: one line of JSON, for <c>ocx audit
/// watch</c>. All texts are plain and bounded: they are shown as they are.
/// </summary>
public sealed record HoldNotice
{
    /// <summary>The member <c>kind</c> of each, which tells it from a ledger's lines.</summary>
    public const string Kind = "hold";

    /// <summary>The call's key.</summary>
    public required string Call { get; init; }

    /// <summary>The audit that has it held.</summary>
    public required AuditReference Audit { get; init; }

    /// <summary>Who called.</summary>
    public required string Caller { get; init; }

    /// <summary>Who was called.</summary>
    public required string Server { get; init; }

    /// <summary>The tool; of a method without one the method.</summary>
    public required string Tool { get; init; }

    /// <summary>What is held: of what can be taken back the result, else the call itself.</summary>
    public required CallClass Class { get; init; }

    /// <summary>The approval that is asked for.</summary>
    public required string Approval { get; init; }

    /// <summary>Why it waits, or why it waits no more.</summary>
    public required string Why { get; init; }

    /// <summary>What its rehearsal showed, in one line; empty of a call that was not to be rehearsed.</summary>
    public string Rehearsal { get; init; } = string.Empty;

    /// <summary>Until when it waits at most; null when it waits no more.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>What became of it; null while it waits.</summary>
    public Outcome? Outcome { get; init; }

    /// <summary>Did it have its way?</summary>
    public bool Released { get; init; }

    /// <summary>From its arrival to the verdict.</summary>
    public TimeSpan Held { get; init; }

    /// <summary>One that begins to wait.</summary>
    public static HoldNotice Waits(LedgerEntry held, Approval approval, DateTimeOffset until) =>
        Of(held, approval) with
        {
            Until = until,
        };

    /// <summary>One that waits no more.</summary>
    public static HoldNotice Ended(LedgerEntry kept, Approval approval, TimeSpan took) =>
        Of(kept, approval) with
        {
            Outcome = kept.Verdict.Outcome,
            Released = kept.Verdict.Releases,
            Held = took,
        };

    /// <summary>Writes one object.</summary>
    /// <param name="to">Made with <see cref="WireJson.WriterOptions"/>.</param>
    public void Write(Utf8JsonWriter to)
    {
        ArgumentNullException.ThrowIfNull(to);
        to.WriteStartObject();
        to.WriteString("kind", Kind);
        to.WriteString("state", Outcome is null ? "waiting" : "ended");
        to.WriteString("call", Call);
        to.WriteString("namespace", Audit.Namespace);
        to.WriteString("audit", Audit.Name);
        to.WriteNumber("generation", Math.Max(Audit.Generation, 0));
        to.WriteString("caller", Caller);
        to.WriteString("server", Server);
        to.WriteString("tool", Tool);
        to.WriteString("class", Class.ToString());
        to.WriteString("approval", Approval);
        to.WriteString("why", Why);
        if (Rehearsal.Length > 0)
        {
            to.WriteString("rehearsal", Rehearsal);
        }

        if (Until is { } until)
        {
            to.WriteString("until", LedgerTime.Format(until));
        }

        if (Outcome is { } outcome)
        {
            to.WriteString("outcome", outcome.ToString());
            to.WriteBoolean("released", Released);
            to.WriteNumber("heldMs", (long)Held.TotalMilliseconds);
        }

        to.WriteEndObject();
    }

    /// <summary>Reads one.</summary>
    /// <param name="json">Of any provenance.</param>
    /// <exception cref="FormatException">It is none.</exception>
    public static HoldNotice Read(ReadOnlySpan<byte> json)
    {
        WireObject from = WireObject.Parse(json);
        return from.Text("kind") != Kind
            ? throw new FormatException("no hold")
            : new HoldNotice
            {
                Call = Text("call"),
                Audit = new(Text("namespace"), Text("audit"), from.Number("generation") ?? 0),
                Caller = Text("caller"),
                Server = Text("server"),
                Tool = Text("tool"),
                Class = Word<CallClass>("class"),
                Approval = Text("approval"),
                Why = Text("why", LedgerLimits.Reason),
                Rehearsal = Text("rehearsal", LedgerLimits.Reason),
                Until = from.Has("until") ? LedgerTime.Parse(Text("until")) : null,
                Outcome = from.Has("outcome") ? Word<Outcome>("outcome") : null,
                Released = from.Flag("released"),
                Held = TimeSpan.FromMilliseconds(Math.Clamp(from.Number("heldMs") ?? 0, 0, 1L << 40)),
            };

        string Text(string name, int longest = LedgerLimits.Name) => WireText.Escape(from.Text(name), longest);

        T Word<T>(string name)
            where T : struct, Enum =>
            Enum.TryParse(from.Text(name), out T word) && Enum.IsDefined(word) && word.ToString() == from.Text(name)
                ? word
                : throw new FormatException($"{name} is no {typeof(T).Name}");
    }

    private static HoldNotice Of(LedgerEntry entry, Approval approval) =>
        new()
        {
            Call = entry.Intent.Key,
            Audit = entry.Audit,
            Caller = approval.Caller,
            Server = approval.Server,
            Tool = approval.Tool.Length > 0 ? approval.Tool : approval.Method,
            Class = entry.Intent.Class,
            Approval = approval.Id,
            Why = WireText.Escape(entry.Verdict.Reason, LedgerLimits.Reason),
            Rehearsal = WireText.Escape(entry.Rehearsal?.ToString() ?? string.Empty, LedgerLimits.Reason),
        };
}
