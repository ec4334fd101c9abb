using System.Text.Json;
using Ocx.Audit.Wire;
using Ocx.Text;

namespace Ocx.Gate.Http;

/// <summary>The JSON-RPC error that a client gets in the place of an answer.</summary>
internal sealed record AuditError
{
    /// <summary>The JSON-RPC error's code: one of those that are the server's own (JSON-RPC 2.0, 5.1).</summary>
    public const int Code = GateRefusals.Code;

    // In UTF-16 units; a longer text is cut. What is used as it is, and is of no use when it is cut, is left out.
    private const int LongestReason = 1024;
    private const int LongestName = 512;

    /// <summary>The call was done, and its result is kept back; else the call was not done.</summary>
    public bool ResultWithheld { get; init; }

    /// <summary>"namespace/name" of the audit, or empty.</summary>
    public string Audit { get; init; } = string.Empty;

    /// <summary>Why, in one sentence; of any provenance.</summary>
    public string Reason { get; init; } = string.Empty;

    /// <summary>The revert token, or empty.</summary>
    public string RevertToken { get; init; } = string.Empty;

    /// <summary>The approval that was asked for, or empty.</summary>
    public string Approval { get; init; } = string.Empty;

    /// <summary>What happened, without the reason.</summary>
    public string ShortMessage => ResultWithheld ? "result withheld by audit" : "refused by audit";

    /// <summary>What happened and why.</summary>
    public string Message =>
        Reason.Length == 0 ? ShortMessage : $"{ShortMessage}: {WireText.Escape(Reason, LongestReason)}";

    /// <summary>Writes the error's data: an object of what there is.</summary>
    public void WriteData(Utf8JsonWriter to)
    {
        to.WriteStartObject();
        WriteName(to, "audit", Audit);
        if (Reason.Length > 0)
        {
            to.WriteString("reason", WireText.Escape(Reason, LongestReason));
        }

        WriteName(to, "revertToken", RevertToken);
        WriteName(to, "approval", Approval);
        to.WriteEndObject();
    }

    private static void WriteName(Utf8JsonWriter to, string name, string value)
    {
        if (value.Length is > 0 and <= LongestName)
        {
            to.WriteString(name, WireText.Escape(value));
        }
    }
}
