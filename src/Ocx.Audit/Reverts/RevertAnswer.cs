using System.Text.Json;
using Ocx.Audit.Ledger;
using Ocx.Text;

namespace Ocx.Audit.Reverts;

/// <summary>What an auditor says of a revert token: what would be done, and what was.</summary>
public sealed record RevertAnswer
{
    /// <summary>Characters of the longest text of an answer of a server.</summary>
    public const int LongestText = 4096;

    /// <summary>The call that the token is of, as its record has it.</summary>
    public required string Call { get; init; }

    /// <summary>From then on the token holds no more.</summary>
    public required DateTimeOffset Expires { get; init; }

    /// <summary>The call that takes it back: its tool; empty when there is none.</summary>
    public string Tool { get; init; } = string.Empty;

    /// <summary>Its arguments: JSON text.</summary>
    public string Arguments { get; init; } = string.Empty;

    /// <summary>The URL at which it is made.</summary>
    public string Url { get; init; } = string.Empty;

    /// <summary>Why the call cannot be taken back; empty when it can.</summary>
    public string Irreversible { get; init; } = string.Empty;

    /// <summary>Who used the token; empty when nobody has.</summary>
    public string UsedBy { get; init; } = string.Empty;

    /// <summary>When he did.</summary>
    public DateTimeOffset? UsedAt { get; init; }

    /// <summary>
    /// How the compensating call went: <see cref="RevertRecords.Ok"/>, or what went wrong; empty when it was not made,
    /// or is not over, or the auditor ended meanwhile.
    /// </summary>
    public string Status { get; init; } = string.Empty;

    /// <summary>What the server answered, masked and cut; empty when it did not, or was asked before.</summary>
    public string Text { get; init; } = string.Empty;

    /// <summary>Writes one object.</summary>
    /// <param name="to">Made with <see cref="WireJson.WriterOptions"/>.</param>
    public void Write(Utf8JsonWriter to)
    {
        ArgumentNullException.ThrowIfNull(to);
        to.WriteStartObject();
        to.WriteString("kind", "revert");
        to.WriteString("call", Call);
        to.WriteString("expires", LedgerTime.Format(Expires));
        to.WriteString("tool", Tool);
        to.WriteString("arguments", Arguments);
        to.WriteString("url", Url);
        to.WriteString("irreversible", Irreversible);
        to.WriteString("usedBy", UsedBy);
        if (UsedAt is { } at)
        {
            to.WriteString("usedAt", LedgerTime.Format(at));
        }

        to.WriteString("status", Status);
        to.WriteString("text", Text);
        to.WriteEndObject();
    }

    /// <summary>Reads one; each text of it is plain.</summary>
    /// <param name="json">Of any provenance.</param>
    /// <exception cref="FormatException">It is none.</exception>
    public static RevertAnswer Read(ReadOnlySpan<byte> json)
    {
        WireObject from = WireObject.Parse(json);
        return new RevertAnswer
        {
            Call = Text("call"),
            Expires = LedgerTime.Parse(Text("expires")),
            Tool = Text("tool"),
            Arguments = Text("arguments", LedgerLimits.Arguments),
            Url = Text("url", LedgerLimits.Reason),
            Irreversible = Text("irreversible", LedgerLimits.Reason),
            UsedBy = Text("usedBy"),
            UsedAt = from.Has("usedAt") ? LedgerTime.Parse(Text("usedAt")) : null,
            Status = Text("status"),
            Text = Text("text", LongestText),
        };

        string Text(string name, int longest = LedgerLimits.Name) => WireText.Escape(from.Text(name), longest);
    }
}
