namespace Ocx.TapBench.Overhead;

/// <summary>A way to tap that is compared with no tap.</summary>
internal sealed record Subject(string Name, Func<TapProcess> Start)
{
    public static IReadOnlyList<Subject> All { get; } =
    [
        new("agent --events none", () => TapProcess.Agent("none")),
        new("agent --events text", () => TapProcess.Agent("text")),
        new("agent --events calls", () => TapProcess.Agent("calls")),
        new("tcpdump -w /dev/null", () => TapProcess.Tcpdump(8080)),
        // What any tap with a packet socket costs before its filter takes the first byte.
        new("tcpdump that takes nothing", () => TapProcess.Tcpdump(9)),
    ];
}
