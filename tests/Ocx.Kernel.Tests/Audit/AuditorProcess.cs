using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Ocx.Kernel.Tests.Harness;

namespace Ocx.Kernel.Tests.Audit;

/// <summary>The auditor as a program, with its socket and ledger in one folder. Disposing it kills it.</summary>
internal sealed class AuditorProcess : IDisposable
{
    private static readonly string s_program = Path.GetFullPath(
        "../../Ocx.Auditor/debug/ocx-auditor",
        AppContext.BaseDirectory
    );
    private static readonly string s_ocx = Path.Combine(Path.GetDirectoryName(AgentProcess.Path)!, "ocx");
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly string _folder;
    private readonly NetworkNamespace? _namespace;
    private readonly ConcurrentQueue<string> _log = new();
    private Process _process;

    /// <param name="audits">The audits, as a file has them.</param>
    /// <param name="namespace">The network that it is in; null for the tests' own.</param>
    public AuditorProcess(string audits, NetworkNamespace? @namespace = null)
    {
        _namespace = @namespace;
        _folder = Directory.CreateTempSubdirectory("ocx-audit-").FullName;
        File.WriteAllText(Path.Combine(_folder, "audits.yaml"), audits);
        _process = Launch();
    }

    /// <summary>For the agent's <c>--auditor</c>.</summary>
    public string Address => $"unix:{Path.Combine(_folder, "auditor.sock")}";

    /// <summary>The lines of its log.</summary>
    public IReadOnlyCollection<string> Log => _log;

    /// <summary>All bytes of the ledger's files.</summary>
    public byte[] LedgerBytes =>
        [
            .. File.ReadAllBytes(Path.Combine(_folder, "ledger.db")),
            .. File.ReadAllBytes(Path.Combine(_folder, "ledger.db-wal")),
        ];

    /// <summary>All bytes of the approvals' files.</summary>
    public byte[] ApprovalBytes =>
        [
            .. File.ReadAllBytes(Path.Combine(_folder, "approvals.db")),
            .. File.ReadAllBytes(Path.Combine(_folder, "approvals.db-wal")),
        ];

    /// <summary>Runs <c>ocx audit</c>.</summary>
    public string Audit(params IEnumerable<string> arguments) =>
        Command.Run(s_ocx, ["audit", .. arguments, "--auditor", Address]);

    /// <summary>Runs <c>ocx audit</c>, whatever its end.</summary>
    public (int ExitCode, string Output, string Error) TryAudit(params IEnumerable<string> arguments) =>
        Command.TryRun(s_ocx, ["audit", .. arguments, "--auditor", Address]);

    /// <summary>Starts <c>ocx audit watch</c>, with its results in pipes.</summary>
    public Process Watch() =>
        Process.Start(
            new ProcessStartInfo(s_ocx, ["audit", "watch", "-o", "json", "--auditor", Address])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;

    /// <summary>Ends it with SIGKILL.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Waits until the ledger has so many records.</summary>
    /// <returns>They, in the ledger's order.</returns>
    public IReadOnlyList<JsonElement> AwaitRecords(int count)
    {
        IReadOnlyList<JsonElement> records = [];
        Assert.True(
            SpinWait.SpinUntil(
                () =>
                {
                    records =
                    [
                        .. Audit("list", "--last", "100000", "-o", "json")
                            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                            .Select(line => JsonElement.Parse(line)),
                    ];
                    return records.Count >= count;
                },
                s_patience
            ),
            $"the ledger has {records.Count} of {count} records:\n{string.Join('\n', _log)}"
        );
        return records;
    }

    /// <summary>Kills it with SIGKILL and starts another one on the same ledger.</summary>
    public void KillAndStartAgain()
    {
        End();
        _process = Launch();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        End();
        Directory.Delete(_folder, recursive: true);
    }

    private void End()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private Process Launch()
    {
        var process = new Process
        {
            // ip-netns(8) becomes the auditor.
            StartInfo = new ProcessStartInfo(
                _namespace is null ? s_program : "ip",
                [
                    .. _namespace is null ? [] : (string[])["netns", "exec", _namespace.Name, s_program],
                    "--audits",
                    Path.Combine(_folder, "audits.yaml"),
                    "--listen",
                    Address,
                    "--ledger",
                    Path.Combine(_folder, "ledger.db"),
                ]
            )
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Assert.True(
            SpinWait.SpinUntil(() => process.HasExited || Answers(), s_patience) && !process.HasExited,
            $"the auditor did not start:\n{string.Join('\n', _log)}"
        );
        return process;
    }

    private bool Answers()
    {
        using var socket = new System.Net.Sockets.Socket(
            System.Net.Sockets.AddressFamily.Unix,
            System.Net.Sockets.SocketType.Stream,
            System.Net.Sockets.ProtocolType.Unspecified
        );
        try
        {
            socket.Connect(new System.Net.Sockets.UnixDomainSocketEndPoint(Address["unix:".Length..]));
            return true;
        }
        catch (System.Net.Sockets.SocketException)
        {
            return false;
        }
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            _log.Enqueue(line);
        }
    }
}
