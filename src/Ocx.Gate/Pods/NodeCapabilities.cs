using System.Globalization;

namespace Ocx.Gate.Pods;

/// <summary>What the gate of a node must be allowed to do.</summary>
internal static class NodeCapabilities
{
    // include/uapi/linux/capability.h. Queues and rules; packets of its own; another process's namespace; to enter it.
    private static readonly (int Number, string Name)[] s_needed =
    [
        (12, "CAP_NET_ADMIN"),
        (13, "CAP_NET_RAW"),
        (19, "CAP_SYS_PTRACE"),
        (21, "CAP_SYS_ADMIN"),
    ];

    /// <summary>Those that a process lacks.</summary>
    /// <param name="processStatus">The text of its <c>/proc/PID/status</c> (proc(5)).</param>
    /// <returns>Their names; none when it has all, or when the text does not tell.</returns>
    public static IReadOnlyList<string> Missing(string processStatus)
    {
        const string name = "CapEff:";
        string? line = processStatus.Split('\n').FirstOrDefault(one => one.StartsWith(name, StringComparison.Ordinal));
        return ulong.TryParse(
            line?[name.Length..].Trim(),
            NumberStyles.HexNumber,
            CultureInfo.InvariantCulture,
            out ulong effective
        )
            ? [.. s_needed.Where(one => (effective >> one.Number & 1) == 0).Select(one => one.Name)]
            : [];
    }
}
