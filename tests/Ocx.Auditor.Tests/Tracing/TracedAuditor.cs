using System.Collections.Concurrent;
using System.Diagnostics;
using Grpc.Net.Client;
using Ocx.Auditor.Tests.Intake;

namespace Ocx.Auditor.Tests.Tracing;

/// <summary>
/// The auditor as a program with OpenTelemetry's variables. Of its two jurors one is rules, and the other never
/// answers. Disposing it kills it.
/// </summary>
internal sealed class TracedAuditor : IDisposable
{
    private const string Audits = """
        apiVersion: ocx.dev/v1alpha1
        kind: McpAudit
        metadata: {namespace: audits, name: orders}
        spec:
          server: {port: 8080}
          jury:
            deadline: 1m
            quorum: AnyRefuses
            onNoVotes: Release
            jurors:
              - name: rules
                timeout: 30s
                policy:
                  rules:
                    - name: no-drops
                      when: tool.name.startsWith('drop_')
                      then: Refuse
                      message: the-message-of-a-rule
              - name: hook
                timeout: 30s
                onFailure: Hold
                webhook: {url: "https://127.0.0.1:1/the-path-of-a-hook", retries: 0}
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("ocx-traces-").FullName;
    private readonly ConcurrentQueue<string> _log = new();
    private readonly Process _process;
    private readonly GrpcChannel _channel;

    public TracedAuditor(params (string Name, string Value)[] variables)
    {
        File.WriteAllText(Path.Combine(_folder, "audits.yaml"), Audits);
        string socket = Path.Combine(_folder, "auditor.sock");
        var start = new ProcessStartInfo(
            Path.Combine(AppContext.BaseDirectory, "ocx-auditor"),
            [
                "--audits",
                Path.Combine(_folder, "audits.yaml"),
                "--listen",
                $"unix:{socket}",
                "--ledger",
                Path.Combine(_folder, "ledger.db"),
            ]
        )
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["OTEL_BSP_SCHEDULE_DELAY"] = "100" },
        };
        foreach ((string name, string value) in variables)
        {
            start.Environment[name] = value;
        }

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => _log.Enqueue(line.Data ?? string.Empty);
        _process.ErrorDataReceived += (_, line) => _log.Enqueue(line.Data ?? string.Empty);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        _channel = RunningAuditor.Connect(socket);
        Client = new Audit.Wire.Auditor.AuditorClient(_channel);
    }

    public Audit.Wire.Auditor.AuditorClient Client { get; }

    /// <summary>What it wrote.</summary>
    public string Log => string.Join('\n', _log);

    /// <summary>Waits for its end.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> EndedAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    /// <summary>Ends it with SIGTERM.</summary>
    /// <returns>The exit code.</returns>
    public Task<int> StopAsync()
    {
        using Process kill = Process.Start("kill", [$"{_process.Id}"]);
        return EndedAsync();
    }

    public void Dispose()
    {
        _channel.Dispose();
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
