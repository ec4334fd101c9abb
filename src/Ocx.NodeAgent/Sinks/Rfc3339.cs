using System.Globalization;

namespace Ocx.NodeAgent.Sinks;

/// <summary>Times with nanoseconds, which <see cref="DateTime"/> (100 ns) cannot hold.</summary>
internal static class Rfc3339
{
    /// <summary>RFC 3339 in UTC with nine fractional digits, as in <c>2026-01-21T14:15:30.123456789Z</c>.</summary>
    public static string Format(long unixNs)
    {
        (long seconds, long nanoseconds) = Math.DivRem(unixNs, 1_000_000_000);
        DateTime time = DateTime.UnixEpoch.AddSeconds(seconds);
        return string.Create(CultureInfo.InvariantCulture, $"{time:yyyy-MM-ddTHH:mm:ss}.{nanoseconds:D9}Z");
    }
}
