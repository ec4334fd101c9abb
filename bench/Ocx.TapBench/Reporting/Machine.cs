using System.Globalization;
using System.Runtime.InteropServices;

namespace Ocx.TapBench.Reporting;

/// <summary>Where and when the numbers were taken.</summary>
internal static class Machine
{
    public static string Description
    {
        get
        {
            string cpu = File.ReadLines("/proc/cpuinfo")
                .FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
                is { } line
                ? line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()
                : RuntimeInformation.ProcessArchitecture.ToString();
            string kernel = File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
            string libbpf = Marshal.PtrToStringUTF8(Native.libbpf_version_string()) ?? "?";
            string guest = File.ReadAllText("/proc/cpuinfo").Contains(" hypervisor", StringComparison.Ordinal)
                ? ", virtual machine"
                : "";
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{cpu}, {Environment.ProcessorCount} cores{guest}; Linux {kernel}; "
                    + $"libbpf {libbpf.TrimStart('v')}; {RuntimeInformation.FrameworkDescription}; "
                    + $"{DateTime.UtcNow:yyyy-MM-dd}"
            );
        }
    }
}
