using System.Globalization;
using Docker.DotNet;

namespace Ocx.Container.Tests;

/// <summary>
/// What the kernel lets a container's first process do: /proc/PID/status of an engine on this machine.
/// </summary>
internal sealed class KernelView
{
    private readonly Dictionary<string, string> _status;

    private KernelView(Dictionary<string, string> status) => _status = status;

    /// <summary>Real, effective, saved and file-system user.</summary>
    public string Users => _status["Uid"].Replace('\t', ' ');

    /// <summary>The capabilities in effect: bit n is capability n of include/uapi/linux/capability.h.</summary>
    public ulong Capabilities => Hex("CapEff");

    /// <summary>The capabilities that it could ever come to have.</summary>
    public ulong Bound => Hex("CapBnd");

    public bool CannotGainPrivileges => _status["NoNewPrivs"] == "1";

    /// <summary>Whether a seccomp filter is on (mode 2).</summary>
    public bool IsFiltered => _status["Seccomp"] == "2";

    public static async Task<KernelView> OfAsync(DockerClient engine, string container)
    {
        var pid = (await engine.Containers.InspectContainerAsync(container)).State!.Pid;
        var lines = await File.ReadAllLinesAsync(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/status"));
        return new KernelView(
            lines.Select(line => line.Split(':', 2)).ToDictionary(parts => parts[0], parts => parts[1].Trim())
        );
    }

    private ulong Hex(string field) =>
        ulong.Parse(_status[field], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
