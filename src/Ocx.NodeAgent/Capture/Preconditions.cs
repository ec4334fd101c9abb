using System.Globalization;
using Ocx.NodeAgent.Options;

namespace Ocx.NodeAgent.Capture;

/// <summary>What this machine must offer before the filter is worth loading, each with a message that names what is missing.</summary>
internal static class Preconditions
{
    // include/uapi/linux/capability.h
    private const int CapNetRaw = 13, CapSysAdmin = 21, CapBpf = 39;

    // BPF ring buffer and CAP_BPF.
    private static readonly Version s_oldestKernel = new(5, 8);

    /// <summary>Looks at the running kernel and this process.</summary>
    /// <exception cref="StartupException">Something is missing.</exception>
    public static void Check()
    {
        CheckKernel(Environment.OSVersion.Version);
        CheckCapabilities(File.ReadAllText("/proc/self/status"));
        CheckTypeInformation("/sys/kernel/btf/vmlinux");
    }

    internal static void CheckKernel(Version running)
    {
        if (running < s_oldestKernel)
        {
            throw new StartupException($"the kernel is Linux {running}, but the BPF ring buffer needs Linux {s_oldestKernel} or later");
        }
    }

    internal static void CheckCapabilities(string processStatus)
    {
        string line = processStatus.Split('\n').FirstOrDefault(l => l.StartsWith("CapEff:", StringComparison.Ordinal)) ?? "";
        if (!ulong.TryParse(line.AsSpan(Math.Min(7, line.Length)).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong effective))
        {
            throw new StartupException("cannot read this process's capabilities from /proc/self/status");
        }
        var missing = new List<string>();
        if (!Has(CapBpf) && !Has(CapSysAdmin))
        {
            missing.Add("CAP_BPF");
        }
        if (!Has(CapNetRaw))
        {
            missing.Add("CAP_NET_RAW");
        }
        if (missing.Count > 0)
        {
            throw new StartupException($"missing {string.Join(" and ", missing)}: run as root, or add it to the container's capabilities");
        }

        bool Has(int capability) => (effective >> capability & 1) != 0;
    }

    internal static void CheckTypeInformation(string path)
    {
        if (!File.Exists(path))
        {
            throw new StartupException(
                $"the kernel has no type information ({path} is missing): use a kernel built with CONFIG_DEBUG_INFO_BTF=y");
        }
    }
}
