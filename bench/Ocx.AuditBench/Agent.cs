using System.Diagnostics;
using System.Globalization;

namespace Ocx.AuditBench;

/// <summary>The agent as it is shipped, tapping loopback. Disposing it stops it.</summary>
internal sealed class Agent : IDisposable
{
    private readonly Process _process;

    public Agent(int port, string auditor)
    {
        string[] arguments =
        [
            "--interface",
            "lo",
            "--port",
            port.ToString(CultureInfo.InvariantCulture),
            "--events",
            "none",
            "--auditor",
            $"unix:{auditor}",
        ];
        var started = new ManualResetEventSlim();
        _process = Process.Start(
            new ProcessStartInfo(Path.GetFullPath("artifacts/ocx-node-agent"), arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        _process.OutputDataReceived += (_, line) => Look(line.Data, started);
        _process.ErrorDataReceived += (_, line) => Look(line.Data, started);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        if (!started.Wait(TimeSpan.FromSeconds(30)))
        {
            Dispose();
            throw new InvalidOperationException("the agent does not capture");
        }
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static void Look(string? line, ManualResetEventSlim started)
    {
        if (line?.Contains("Tapping ", StringComparison.Ordinal) == true)
        {
            started.Set();
        }
    }
}
