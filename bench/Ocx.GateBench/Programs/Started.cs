using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Ocx.GateBench.Programs;

/// <summary>A program that runs until it is disposed, with all that it started itself.</summary>
internal sealed class Started : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _said = new();

    /// <param name="command">The program and its arguments.</param>
    /// <param name="isReady">Whether it does what it is there for; given what it last said, or nothing.</param>
    /// <exception cref="InvalidOperationException">It ended, or was not ready in time.</exception>
    public Started(string[] command, Func<string, bool> isReady)
    {
        _process = Process.Start(
            new ProcessStartInfo(command[0], command[1..])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        long began = Stopwatch.GetTimestamp();
        while (!_said.Append("").Any(isReady))
        {
            if (_process.WaitForExit(20) || Stopwatch.GetElapsedTime(began) > s_limit)
            {
                Dispose();
                throw new InvalidOperationException($"{string.Join(' ', command)} is not ready: {Said}");
            }
        }
    }

    /// <summary>The last lines that it wrote.</summary>
    public string Said => string.Join('\n', _said);

    /// <summary>
    /// Milliseconds of processor time of its threads, and of its children's (schedstat: utime and stime count in ticks
    /// of 10 ms).
    /// </summary>
    public double CpuMs => Processes().Sum(CpuNs) / 1e6;

    /// <summary>A line of its status (proc(5)) that counts KiB, such as VmRSS, in MiB.</summary>
    public double Mebibytes(string name) =>
        Number(
            File.ReadLines($"/proc/{_process.Id}/status")
                .First(line => line.StartsWith(name + ":", StringComparison.Ordinal))
                .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1]
        ) / 1024;

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _ = Native.kill(_process.Id, Native.SIGTERM);
            if (!_process.WaitForExit(s_limit))
            {
                _process.Kill(entireProcessTree: true);
            }
        }
        _process.WaitForExit();
        _process.Dispose();
    }

    private IEnumerable<int> Processes() =>
        File.ReadAllText($"/proc/{_process.Id}/task/{_process.Id}/children")
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(child => int.Parse(child, CultureInfo.InvariantCulture))
            .Prepend(_process.Id);

    private static double CpuNs(int process) =>
        Directory
            .EnumerateDirectories($"/proc/{process}/task")
            .Sum(task => Number(File.ReadAllText($"{task}/schedstat").Split(' ')[0]));

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private void Keep(string? line)
    {
        if (line is not null)
        {
            _said.Enqueue(line);
            while (_said.Count > 20)
            {
                _said.TryDequeue(out _);
            }
        }
    }
}
