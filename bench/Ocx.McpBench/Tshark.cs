using System.ComponentModel;
using System.Diagnostics;

namespace Ocx.McpBench;

/// <summary>The peer: tshark with its HTTP and JSON dissectors, asked for the fields that name a call.</summary>
internal sealed class Tshark : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"ocx-mcp-bench-{Environment.ProcessId}.pcap");
    private readonly string _empty;
    private readonly int _messages;

    public Tshark(Session session)
    {
        _empty = _path + ".empty";
        _messages = session.Segments.Length;
        Pcap.Write(_path, session);
        Pcap.Write(_empty, new Session(0));
    }

    /// <summary>
    /// Messages per second without its start-up (an empty capture's time is taken off); none when it is not installed,
    /// or not wanted (<c>OCX_BENCH_PEER=none</c>).
    /// </summary>
    public double? MessagesPerSecond()
    {
        if (Environment.GetEnvironmentVariable("OCX_BENCH_PEER") == "none")
        {
            return null;
        }

        try
        {
            double startUp = Seconds(_empty);
            return _messages / (Seconds(_path) - startUp);
        }
        catch (Win32Exception)
        {
            Console.Error.WriteLine("tshark is not installed: no peer in this run");
            return null;
        }
    }

    public void Dispose()
    {
        File.Delete(_path);
        File.Delete(_empty);
    }

    private static double Seconds(string path)
    {
        long start = Stopwatch.GetTimestamp();
        using Process process = Process.Start(
            new ProcessStartInfo(
                "tshark",
                [
                    "-r",
                    path,
                    "-d",
                    "tcp.port==8080,http",
                    "-Y",
                    "json",
                    "-T",
                    "fields",
                    "-e",
                    "http.request.method",
                    "-e",
                    "http.response.code",
                    "-e",
                    "json.value.string",
                ]
            )
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        process.StandardOutput.BaseStream.CopyTo(Stream.Null);
        process.WaitForExit();
        return process.ExitCode == 0
            ? Stopwatch.GetElapsedTime(start).TotalSeconds
            : throw new InvalidOperationException($"tshark ended with {process.ExitCode}");
    }
}
