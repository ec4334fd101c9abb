using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Data.Sqlite;

namespace Ocx.AuditBench;

/// <summary>
/// 500 calls a second of an MCP client and server on loopback, tapped by the agent, judged by the auditor with ten
/// rules and signals. Two times of each call are told: from the moment at which the agent opened it until its record
/// can be read in the ledger, which is looked at once a millisecond; and from the moment before its request was sent,
/// which has the 50 to 100 ms in it for which the agent gathers packets. All of it runs on this machine.
/// </summary>
internal static class LatencyMeasurement
{
    private const int CallsPerSecond = 500;
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_measured = TimeSpan.FromSeconds(30);

    public static async Task RunAsync()
    {
        using var server = new McpServer();
        using var auditor = new Auditor(server.Port);
        var (sent, opened) = (new ConcurrentDictionary<long, long>(), new ConcurrentDictionary<long, long>());
        using var link = new AgentLink(auditor.Socket, opened);
        using var agent = new Agent(server.Port, link.Path);
        using var client = new McpClient(server.Port);
        var seen = new List<(long Number, long At)>();
        using var stop = new CancellationTokenSource();
        Task watching = Task.Run(() => Watch(auditor.Ledger, seen, stop.Token));

        int calls = (int)((s_warmUp + s_measured).TotalSeconds * CallsPerSecond);
        long began = Stopwatch.GetTimestamp();
        for (int call = 0; call < calls; call++)
        {
            TimeSpan due = TimeSpan.FromSeconds((double)call / CallsPerSecond) - Stopwatch.GetElapsedTime(began);
            if (due > TimeSpan.Zero)
            {
                await Task.Delay(due);
            }

            sent[call] = Stopwatch.GetTimestamp();
            client.Call(BenchAudit.Arguments(call));
        }

        double rate = calls / Stopwatch.GetElapsedTime(began).TotalSeconds;
        SpinWait.SpinUntil(() => Volatile.Read(ref s_seen) == calls, TimeSpan.FromSeconds(10));
        await stop.CancelAsync();
        await watching;
        if (seen.Count != calls)
        {
            throw new InvalidOperationException($"the ledger has {seen.Count} of {calls} calls");
        }

        int warm = (int)(s_warmUp.TotalSeconds * CallsPerSecond);
        seen.RemoveAll(call => call.Number < warm);
        Tell("from Opened to the ledger", seen, opened);
        Tell("from the wire to the ledger", seen, sent);
        Figures.Tell($"  of {seen.Count:N0} calls at {rate:N0} a second");
    }

    private static void Tell(string name, List<(long Number, long At)> seen, ConcurrentDictionary<long, long> from)
    {
        double[] times =
        [
            .. seen.Select(call => Stopwatch.GetElapsedTime(from[call.Number], call.At).TotalMilliseconds),
        ];
        Figures.Tell($"{name, -32} {Figures.Median(times), 9:N2} ms p50, {Figures.Percentile(times, 0.99):N2} ms p99");
    }

    private static int s_seen;

    private static void Watch(string ledger, List<(long Number, long At)> seen, CancellationToken stop)
    {
        using var connection = new SqliteConnection($"Data Source={ledger};Mode=ReadOnly");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT sequence, line FROM records WHERE sequence > $after ORDER BY sequence";
        SqliteParameter after = command.Parameters.AddWithValue("$after", 0L);
        while (!stop.IsCancellationRequested)
        {
            using (SqliteDataReader rows = command.ExecuteReader())
            {
                while (rows.Read())
                {
                    long now = Stopwatch.GetTimestamp();
                    after.Value = rows.GetInt64(0);
                    seen.Add((NumberIn(rows.GetFieldValue<byte[]>(1)), now));
                    Volatile.Write(ref s_seen, seen.Count);
                }
            }

            Thread.Sleep(1);
        }
    }

    private static long NumberIn(byte[] line)
    {
        string[] parts = Encoding.UTF8.GetString(line).Split('#');
        return long.Parse(parts[1], CultureInfo.InvariantCulture);
    }
}
