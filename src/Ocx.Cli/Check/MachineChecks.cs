using Ocx.Bpf;

namespace Ocx.Cli.Check;

/// <summary>Is this machine able to run the agent?</summary>
/// <param name="root">Where <c>proc</c> and <c>sys</c> are.</param>
/// <param name="kernel">The running kernel.</param>
internal sealed class MachineChecks(string root, Version kernel)
{
    // include/uapi/linux/if.h
    private const int InterfaceUp = 1,
        InterfaceLoopback = 8;

    /// <summary>All checks; of the interfaces named, or without names of whether there is one at all.</summary>
    public IEnumerable<Finding> Run(IReadOnlyList<string> interfaces) =>
        [
            Kernel(),
            TypeInformation(),
            Capabilities(),
            .. interfaces.Count == 0 ? [AnyInterface()] : interfaces.Select(Interface),
            Processes(),
        ];

    private Finding Kernel() =>
        kernel >= MachineNeeds.OldestKernel
            ? Finding.Ok($"Linux {kernel}, at least {MachineNeeds.OldestKernel} is needed")
            : Finding.Fail($"Linux {kernel} has no BPF ring buffer", $"use Linux {MachineNeeds.OldestKernel} or later");

    private Finding TypeInformation()
    {
        string path = Path.Combine(root, MachineNeeds.TypeInformation);
        return File.Exists(path)
            ? Finding.Ok("the kernel has type information (BTF)")
            : Finding.Fail(
                $"the kernel has no type information: {path} is missing",
                "use a kernel built with CONFIG_DEBUG_INFO_BTF=y"
            );
    }

    private Finding Capabilities()
    {
        string path = Path.Combine(root, MachineNeeds.ProcessStatus);
        return (File.Exists(path) ? MachineNeeds.MissingCapabilities(File.ReadAllText(path)) : null) switch
        {
            null => Finding.Fail("this process's capabilities cannot be read", "mount /proc"),
            { Count: 0 } => Finding.Ok("CAP_BPF and CAP_NET_RAW are effective"),
            var missing => Finding.Fail(
                $"{string.Join(" and ", missing)} not effective",
                "run as root, or give the container these capabilities"
            ),
        };
    }

    private Finding AnyInterface()
    {
        string folder = Path.Combine(root, "sys/class/net");
        string[] up =
        [
            .. (Directory.Exists(folder) ? Directory.GetFileSystemEntries(folder) : [])
                .Select(path => Path.GetFileName(path))
                .Where(name => Flags(name) is { } flags && (flags & InterfaceUp) != 0)
                .Order(StringComparer.Ordinal),
        ];
        return up.Any(name => (Flags(name) & InterfaceLoopback) == 0)
                ? Finding.Ok($"interfaces that are up: {string.Join(", ", up)}")
            : up.Length > 0
                ? Finding.Warn(
                    $"the only interface that is up is {string.Join(", ", up)}",
                    "bring up an interface that MCP traffic passes"
                )
            : Finding.Fail("no interface is up", "bring up an interface: ip link set NAME up");
    }

    private Finding Interface(string name) =>
        Flags(name) is not { } flags
            ? Finding.Fail($"there is no interface {name}", "name one that `ip link` lists, or 'any'")
        : (flags & InterfaceUp) == 0 ? Finding.Warn($"interface {name} is down", $"bring it up: ip link set {name} up")
        : Finding.Ok($"interface {name} is up");

    private int? Flags(string name)
    {
        string path = Path.Combine(root, "sys/class/net", name, "flags");
        return name.Contains('/', StringComparison.Ordinal) || !File.Exists(path)
            ? null
            : Convert.ToInt32(File.ReadAllText(path).Trim(), 16);
    }

    private Finding Processes() =>
        kernel >= MachineNeeds.NamesProcesses
            ? Finding.Ok($"Linux {kernel} names sending processes, at least {MachineNeeds.NamesProcesses} is needed")
            : Finding.Warn(
                $"Linux {kernel} cannot name sending processes",
                $"use Linux {MachineNeeds.NamesProcesses} or later, or do without"
            );
}
