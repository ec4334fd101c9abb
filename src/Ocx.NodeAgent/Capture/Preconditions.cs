using Ocx.Bpf;
using Ocx.NodeProgram;

namespace Ocx.NodeAgent.Capture;

/// <summary>
/// What this machine must offer before the filter is worth loading, each with a message that names what is missing.
/// </summary>
internal static class Preconditions
{
    /// <summary>Looks at the running kernel and this process.</summary>
    /// <exception cref="StartupException">Something is missing.</exception>
    public static void Check()
    {
        CheckKernel(Environment.OSVersion.Version);
        CheckCapabilities(File.ReadAllText("/" + MachineNeeds.ProcessStatus));
        CheckTypeInformation("/" + MachineNeeds.TypeInformation);
    }

    internal static void CheckKernel(Version running)
    {
        if (running < MachineNeeds.OldestKernel)
        {
            throw new StartupException(
                $"the kernel is Linux {running}, but the BPF ring buffer needs "
                    + $"Linux {MachineNeeds.OldestKernel} or later"
            );
        }
    }

    internal static void CheckCapabilities(string processStatus)
    {
        IReadOnlyList<string> missing =
            MachineNeeds.MissingCapabilities(processStatus)
            ?? throw new StartupException("cannot read this process's capabilities from /proc/self/status");
        if (missing.Count > 0)
        {
            throw new StartupException(
                $"missing {string.Join(" and ", missing)}: run as root, or add it to the container's capabilities"
            );
        }
    }

    internal static void CheckTypeInformation(string path)
    {
        if (!File.Exists(path))
        {
            throw new StartupException(
                $"the kernel has no type information ({path} is missing): "
                    + "use a kernel built with CONFIG_DEBUG_INFO_BTF=y"
            );
        }
    }
}
