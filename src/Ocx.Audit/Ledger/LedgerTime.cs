using Ocx.Text;

namespace Ocx.Audit.Ledger;

/// <summary>Times in a ledger: RFC 3339 in UTC, from 1970 to 2200. Others are moved to the nearest end.</summary>
internal static class LedgerTime
{
    private static readonly DateTimeOffset s_latest = new(2200, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static string Format(DateTimeOffset time)
    {
        DateTimeOffset shown =
            time < DateTimeOffset.UnixEpoch ? DateTimeOffset.UnixEpoch
            : time > s_latest ? s_latest
            : time;
        return Rfc3339.Format((shown - DateTimeOffset.UnixEpoch).Ticks * 100);
    }

    /// <exception cref="FormatException">It is no such time.</exception>
    public static DateTimeOffset Parse(string text) =>
        Rfc3339.TryParse(text, out long unixNs)
            ? DateTimeOffset.UnixEpoch.AddTicks(unixNs / 100)
            : throw new FormatException("no time");
}
