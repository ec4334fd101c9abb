using System.Globalization;

namespace Ocx.TapBench.Footprint;

/// <summary>What a process holds and has used, as /proc tells it.</summary>
internal static class ProcessUsage
{
    /// <summary>
    /// CPU time of all its threads in nanoseconds (schedstat: utime and stime count in ticks of 10 ms).
    /// </summary>
    public static double CpuNs(int process) =>
        Directory
            .EnumerateDirectories($"/proc/{process}/task")
            .Sum(task =>
                double.Parse(File.ReadAllText($"{task}/schedstat").Split(' ')[0], CultureInfo.InvariantCulture)
            );

    /// <summary>
    /// Resident memory in bytes, without and with its mappings of BPF maps, of which the ring is the largest.
    /// </summary>
    public static (long WithoutRing, long All) Resident(int process)
    {
        long all = 0,
            maps = 0;
        bool isMap = false;
        foreach (string line in File.ReadLines($"/proc/{process}/smaps"))
        {
            if (line.StartsWith("Rss:", StringComparison.Ordinal))
            {
                long bytes =
                    long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture)
                    * 1024;
                all += bytes;
                maps += isMap ? bytes : 0;
            }
            else if (line.Contains('-', StringComparison.Ordinal) && char.IsAsciiHexDigitLower(line[0]))
            {
                isMap = line.Contains("anon_inode:bpf-map", StringComparison.Ordinal);
            }
        }
        return (all - maps, all);
    }
}
