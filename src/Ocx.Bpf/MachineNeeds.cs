using System.Globalization;

namespace Ocx.Bpf;

/// <summary>
/// What a machine must offer for the filter. The agent refuses to start without it, and <c>ocx check</c> tells of it.
/// </summary>
public static class MachineNeeds
{
    /// <summary>The kernel's type information (BTF), below the root.</summary>
    public const string TypeInformation = "sys/kernel/btf/vmlinux";

    /// <summary>What the kernel says of this process, below the root.</summary>
    public const string ProcessStatus = "proc/self/status";

    // include/uapi/linux/capability.h
    private const int CapNetRaw = 13,
        CapSysAdmin = 21,
        CapBpf = 39;

    /// <summary>The oldest kernel: it has the BPF ring buffer and CAP_BPF.</summary>
    public static Version OldestKernel { get; } = new(5, 8);

    /// <summary>The oldest kernel whose socket filters may ask which process is sending.</summary>
    public static Version NamesProcesses { get; } = new(6, 10);

    /// <summary>The capabilities that a process lacks.</summary>
    /// <param name="processStatus">The text of its <c>/proc/PID/status</c> (proc(5)).</param>
    /// <returns>Their names, none when it has all; null when the text does not tell.</returns>
    public static IReadOnlyList<string>? MissingCapabilities(string processStatus)
    {
        ArgumentNullException.ThrowIfNull(processStatus);
        const string Name = "CapEff:";
        string? line = processStatus
            .Split('\n')
            .FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal));
        if (
            !ulong.TryParse(
                line?[Name.Length..].Trim(),
                NumberStyles.HexNumber,
                CultureInfo.InvariantCulture,
                out ulong effective
            )
        )
        {
            return null;
        }

        // CAP_BPF was split off CAP_SYS_ADMIN, which still stands for it.
        var missing = new List<string>();
        if (!Has(CapBpf) && !Has(CapSysAdmin))
        {
            missing.Add("CAP_BPF");
        }

        if (!Has(CapNetRaw))
        {
            missing.Add("CAP_NET_RAW");
        }

        return missing;

        bool Has(int capability) => (effective >> capability & 1) != 0;
    }
}
