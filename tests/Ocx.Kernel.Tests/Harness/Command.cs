using System.Diagnostics;

namespace Ocx.Kernel.Tests.Harness;

/// <summary>Runs a system command to its end.</summary>
internal static class Command
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(120);

    /// <summary>Runs the command and returns its standard output.</summary>
    /// <exception cref="InvalidOperationException">It failed; the message holds what it said.</exception>
    public static string Run(string file, params IEnumerable<string> arguments)
    {
        (int code, string output, string error) = TryRun(file, arguments);
        return code == 0
            ? output
            : throw new InvalidOperationException(
                $"{file} {string.Join(' ', arguments)}: exit code {code}: {error}{output}"
            );
    }

    /// <summary>Runs the command, whatever its end.</summary>
    public static (int ExitCode, string Output, string Error) TryRun(string file, params IEnumerable<string> arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true }
        )!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(s_limit))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{file} {string.Join(' ', arguments)} did not end in {s_limit.TotalSeconds} s");
        }
        return (process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }
}
