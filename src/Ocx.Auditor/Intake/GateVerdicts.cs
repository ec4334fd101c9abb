using System.Text;
using Ocx.Audit.Wire;
using Ocx.Auditor.Deciding;
using Ocx.Text;

namespace Ocx.Auditor.Intake;

/// <summary>Decisions as gates are told of them, within the contract's bounds.</summary>
internal static class GateVerdicts
{
    /// <summary>One of a call.</summary>
    public static GateVerdict Of(string key, Decision decision) =>
        new()
        {
            Key = key,
            Release = decision.Releases,
            Code = decision.Releases ? 0 : GateRefusals.Code,
            Reason = decision.Releases ? string.Empty : Plain(decision.Reason, AuditBounds.Reason),
            RevertToken = Plain(decision.RevertToken, AuditBounds.Reference),
            Approval = Plain(decision.Approval, AuditBounds.Reference),
            Audit = decision.Audit is { } audit ? GateRulesBook.NameOf(audit) : string.Empty,
            Expired = decision.Expired,
        };

    // Jurors, models and people wrote it, and it is shown to whoever called.
    private static string Plain(string? text, int bytes)
    {
        string plain = WireText.Escape(text ?? string.Empty, bytes);
        if (Encoding.UTF8.GetByteCount(plain) <= bytes)
        {
            return plain;
        }

        int room = bytes - Encoding.UTF8.GetByteCount([WireText.Ellipsis]);
        var cut = new StringBuilder();
        foreach (Rune rune in plain.EnumerateRunes())
        {
            room -= rune.Utf8SequenceLength;
            if (room < 0)
            {
                break;
            }

            cut.Append(rune);
        }

        return cut.Append(WireText.Ellipsis).ToString();
    }
}
