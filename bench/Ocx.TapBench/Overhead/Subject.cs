namespace Ocx.TapBench.Overhead;

/// <summary>A way to tap that is compared with no tap.</summary>
internal sealed record Subject(string Name, Func<IDisposable?> Start)
{
    /// <summary>Nothing at all: how alike are the two halves of a pair?</summary>
    public static Subject None { get; } = new("none at all", () => null);

    /// <summary>The tap whose cost has a bar.</summary>
    public static Subject Agent { get; } = new("agent --events none", () => TapProcess.Agent("none"));

    public static IReadOnlyList<Subject> Taps { get; } =
    [
        Agent,
        new("agent --events text", () => TapProcess.Agent("text")),
        new("agent --events calls", () => TapProcess.Agent("calls")),
        new("tcpdump -w /dev/null", () => TapProcess.Tcpdump(8080)),
        // What any tap with a packet socket costs before its filter takes the first byte.
        new("tcpdump that takes nothing", () => TapProcess.Tcpdump(9)),
    ];
}
