using System.Diagnostics;

namespace Ocx.GateBench.Network;

/// <summary>Runs a system command to its end.</summary>
internal static class Tool
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    /// <summary>What it printed.</summary>
    /// <exception cref="InvalidOperationException">It failed, or did not end.</exception>
    public static string Run(string file, params IEnumerable<string> arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true }
        )!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(),
            error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(s_limit))
        {
            process.Kill(entireProcessTree: true);
            throw new InvalidOperationException($"{file} {string.Join(' ', arguments)} did not end");
        }
        return process.ExitCode == 0
            ? output.Result
            : throw new InvalidOperationException($"{file} {string.Join(' ', arguments)}: {error.Result}");
    }
}
