using System.Diagnostics;

namespace Ocx.ControlPlane.Tests;

/// <summary>The command ocx, as it is installed.</summary>
internal static class OcxCommand
{
    /// <summary>Runs it on a cluster.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(
        string kubeConfig,
        params string[] arguments
    )
    {
        using var ocx = Process.Start(
            new ProcessStartInfo(
                Path.Combine(Checkout.Root, "artifacts/ocx"),
                [.. arguments, "--kubeconfig", kubeConfig]
            )
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var output = ocx.StandardOutput.ReadToEndAsync();
        var errors = ocx.StandardError.ReadToEndAsync();
        try
        {
            await ocx.WaitForExitAsync().WaitAsync(Eventually.Patience);
            return (ocx.ExitCode, await output, await errors);
        }
        finally
        {
            ocx.Kill();
        }
    }
}
