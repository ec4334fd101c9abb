using System.Globalization;
using System.Runtime.InteropServices;

namespace Ocx.GateBench.Reporting;

/// <summary>Where and when the numbers were taken.</summary>
internal static class Machine
{
    public static string Description
    {
        get
        {
            string information = File.ReadAllText("/proc/cpuinfo");
            string cpu = information
                .Split('\n')
                .FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
                is { } line
                ? line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()
                : RuntimeInformation.ProcessArchitecture.ToString();
            string guest = information.Contains(" hypervisor", StringComparison.Ordinal) ? ", virtual machine" : "";
            string kernel = File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{cpu}, {Environment.ProcessorCount} cores{guest}; Linux {kernel}; "
                    + $"{RuntimeInformation.FrameworkDescription}; {DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC"
            );
        }
    }

    /// <summary>The machine's load averages (proc_loadavg(5)), which tell of what else ran.</summary>
    public static string Load => string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ')[..3]);
}
