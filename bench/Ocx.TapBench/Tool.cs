using System.Diagnostics;

namespace Ocx.TapBench;

/// <summary>A program that the benchmark runs.</summary>
internal static class Tool
{
    public const string Agent = "artifacts/ocx-node-agent";
    public const string Consumer = "artifacts/bench/consumer";
    public const string Traffic = "artifacts/bench/traffic";

    /// <summary>Runs it to its end.</summary>
    /// <returns>What it printed.</returns>
    public static string Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true }
        )!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output.Trim()
            : throw new InvalidOperationException(
                $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}"
            );
    }
}
