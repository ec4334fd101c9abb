using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Ocx.Kernel.Tests.Audit;
using Ocx.Kernel.Tests.Harness;

namespace Ocx.Kernel.Tests.Gate;

/// <summary>The shipped gate, which enters a server's namespace. Disposing it kills it if it still runs.</summary>
internal sealed class GateProcess : IDisposable
{
    private static readonly string s_program = Path.Combine(Path.GetDirectoryName(AgentProcess.Path)!, "ocx-gate");
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly ConcurrentQueue<string> _log = new();
    private readonly Process _process;
    private readonly int _httpPort = FreePort();

    /// <summary>Starts it, and waits until its rules are set and it has those of the auditor.</summary>
    public GateProcess(NetworkNamespace server, AuditorProcess auditor, params IEnumerable<string> options)
    {
        _process = new Process
        {
            StartInfo = new ProcessStartInfo(s_program, Arguments(server, auditor, _httpPort, options))
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        AwaitLog("Holding by the rules of 1 audits");
    }

    public int Pid => _process.Id;

    /// <summary>Runs one that is to end by itself.</summary>
    public static (int ExitCode, string Output, string Error) TryRun(
        NetworkNamespace server,
        AuditorProcess auditor,
        params IEnumerable<string> options
    ) => Command.TryRun(s_program, Arguments(server, auditor, httpPort: 0, options));

    /// <summary>The lines of its log.</summary>
    public string Log => string.Join('\n', _log);

    /// <summary>What it counts of what it could not hold or decide: the lines of its metrics that are not 0.</summary>
    public string Failures
    {
        get
        {
            using var http = new HttpClient();
            string metrics = http.GetStringAsync(new Uri($"http://127.0.0.1:{_httpPort}/metrics"))
                .GetAwaiter()
                .GetResult();
            return string.Join(
                '\n',
                metrics
                    .Split('\n')
                    .Where(line =>
                        line.StartsWith("ocx_gate_failures_total{", StringComparison.Ordinal)
                        && !line.EndsWith(" 0", StringComparison.Ordinal)
                    )
            );
        }
    }

    /// <summary>Runs clients that must meet nothing that the gate could not hold or decide.</summary>
    public async Task<T> NoteFailuresAsync<T>(Task<T> clients)
    {
        T result;
        try
        {
            result = await clients;
        }
        catch (Exception failure)
        {
            throw new InvalidOperationException($"{failure.Message}\n{Failures}", failure);
        }

        Assert.Empty(Failures);
        return result;
    }

    /// <summary>Waits for so many lines of the log with this text.</summary>
    public void AwaitLog(string text, int times = 1) =>
        Assert.True(
            SpinWait.SpinUntil(
                () => _process.HasExited || _log.Count(line => line.Contains(text, StringComparison.Ordinal)) >= times,
                s_patience
            ) && !_process.HasExited,
            $"the gate did not say '{text}':\n{Log}"
        );

    /// <summary>Has the kernel run none of its threads, until <see cref="Continue"/>.</summary>
    public void Freeze() => Assert.Equal(0, Native.kill(Pid, Native.SigStop));

    /// <summary>Lets it go on.</summary>
    public void Continue() => Assert.Equal(0, Native.kill(Pid, Native.SigCont));

    /// <summary>Ends it with SIGKILL.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Ends it with SIGTERM; its exit code has to be 0.</summary>
    public void Stop()
    {
        Command.Run("kill", "-TERM", $"{Pid}");
        Assert.True(_process.WaitForExit(s_patience));
        Assert.True(_process.ExitCode == 0, Log);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Kill();
        }

        _process.Dispose();
    }

    private static IEnumerable<string> Arguments(
        NetworkNamespace server,
        AuditorProcess auditor,
        int httpPort,
        IEnumerable<string> options
    ) =>
        [
            "--port",
            "8080",
            "--netns",
            server.Name,
            "--auditor",
            auditor.Address,
            "--http-port",
            $"{httpPort}",
            .. options,
        ];

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            _log.Enqueue(line);
        }
    }
}
