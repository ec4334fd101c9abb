using System.Globalization;
using System.Text.RegularExpressions;
using Ocx.Api;
using Ocx.Audit.Ledger;

namespace Ocx.Auditor.Audits;

/// <summary>Reads how long, and how much, an audit wants kept. A file was held to no schema.</summary>
internal static partial class AuditRetention
{
    /// <summary>Reads it.</summary>
    /// <exception cref="FormatException">It is none; the message names the field, and what it has to be.</exception>
    public static LedgerRetention Read(V1Alpha1AuditRetention? retention)
    {
        retention ??= new();
        TimeSpan age = Age().Match(retention.Age ?? string.Empty) is { Success: true } hours
            ? TimeSpan.FromHours(Number(hours) * (hours.Groups[2].Value == "d" ? 24 : 1))
            : throw new FormatException("spec.retention.age: want hours or days, such as 12h or 30d");
        long size = Size().Match(retention.Size ?? string.Empty) is { Success: true } mebibytes
            ? Number(mebibytes) << (mebibytes.Groups[2].Value == "Gi" ? 30 : 20)
            : throw new FormatException("spec.retention.size: want mebibytes or gibibytes, such as 512Mi or 1Gi");
        return new LedgerRetention(age, size);
    }

    private static long Number(Match match) => long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex("^([1-9][0-9]{0,3})([hd])\\z")]
    private static partial Regex Age();

    [GeneratedRegex("^([1-9][0-9]{0,3})(Mi|Gi)\\z")]
    private static partial Regex Size();
}
