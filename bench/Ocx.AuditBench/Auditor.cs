using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace Ocx.AuditBench;

/// <summary>The auditor as it is shipped, with its ledger in a folder of its own. Disposing it stops it.</summary>
internal sealed class Auditor : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ocx-audit-bench-").FullName;
    private readonly Process _process;

    /// <param name="port">The audited server's port.</param>
    /// <param name="core">The one core that it may use; null for all.</param>
    public Auditor(int port, int? core = null)
    {
        string audits = Path.Combine(_folder, "audits.yaml");
        File.WriteAllText(audits, BenchAudit.Yaml(port));
        string[] auditor =
        [
            Path.GetFullPath("artifacts/publish/auditor/ocx-auditor"),
            "--audits",
            audits,
            "--listen",
            $"unix:{Socket}",
            "--ledger",
            Ledger,
        ];
        string[] command = core is { } only
            ? ["taskset", "-c", only.ToString(CultureInfo.InvariantCulture), .. auditor]
            : auditor;
        _process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true })!;
        _process.OutputDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        while (!Answers())
        {
            if (_process.WaitForExit(50))
            {
                throw new InvalidOperationException("the auditor did not start");
            }
        }
    }

    public string Socket => Path.Combine(_folder, "auditor.sock");

    public string Ledger => Path.Combine(_folder, "ledger.db");

    /// <summary>The most memory that it ever had, in MiB (VmHWM of proc(5)).</summary>
    public double PeakMegabytes =>
        long.Parse(
            File.ReadLines($"/proc/{_process.Id}/status")
                .First(line => line.StartsWith("VmHWM", StringComparison.Ordinal))
                .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture
        ) / 1024.0;

    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private bool Answers()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(Socket));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
