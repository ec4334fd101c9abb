using Ocx.Api;

namespace Ocx.Operator.Status;

/// <summary>
/// How often each agent reports: as its McpTap asks, or less often, so that all agents together keep to a write budget.
/// </summary>
internal static class ReportInterval
{
    /// <summary>The writes a second that all agents together may make.</summary>
    public const int WritesPerSecond = 50;

    // Jitter makes some intervals shorter, and agents that started together report in waves for a while; a step keeps
    // the interval while a cluster grows by a few nodes.
    private const double Headroom = 1.25;
    private static readonly TimeSpan s_step = TimeSpan.FromSeconds(10);

    /// <summary>The interval of a tap's agents.</summary>
    /// <param name="asked">What its spec asks for.</param>
    /// <param name="agents">The agents of all taps.</param>
    /// <returns>The interval.</returns>
    public static TimeSpan Of(string asked, int agents)
    {
        var wanted = ApiDuration.Parse(asked);
        var needed = TimeSpan.FromSeconds(agents * Headroom / WritesPerSecond);
        return needed <= wanted ? wanted
            : needed >= ApiDuration.Longest ? ApiDuration.Longest
            : s_step * Math.Ceiling(needed / s_step);
    }
}
