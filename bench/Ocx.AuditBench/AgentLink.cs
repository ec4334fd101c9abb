using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Ocx.AuditBench;

/// <summary>
/// Stands between agent and auditor, hands on what each says, and notes when the agent told of a call. The agent reads
/// packets in batches, so it opens many calls at almost the same moment: each of a batch counts from the moment when
/// the batch's first byte left the agent.
/// </summary>
internal sealed class AgentLink : IDisposable
{
    // Batches are 50 ms apart; within one the agent does not pause.
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(5);

    private readonly string _folder = Directory.CreateTempSubdirectory("ocx-audit-link-").FullName;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly ConcurrentDictionary<long, long> _opened;

    /// <param name="auditor">The auditor's socket.</param>
    /// <param name="opened">Is told when each call, by its number, was opened.</param>
    public AgentLink(string auditor, ConcurrentDictionary<long, long> opened)
    {
        _opened = opened;
        _listener.Bind(new UnixDomainSocketEndPoint(Path));
        _listener.Listen();
        new Thread(() => Run(auditor)) { IsBackground = true }.Start();
    }

    public string Path => System.IO.Path.Combine(_folder, "link.sock");

    public void Dispose()
    {
        _listener.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void Run(string auditor)
    {
        try
        {
            using Socket agent = _listener.Accept();
            using var to = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            to.Connect(new UnixDomainSocketEndPoint(auditor));
            new Thread(() => HandOn(to, agent, (_, _) => { })) { IsBackground = true }.Start();
            long batch = 0,
                last = 0;
            string rest = string.Empty;
            HandOn(
                agent,
                to,
                (bytes, now) =>
                {
                    batch = Stopwatch.GetElapsedTime(last, now) >= s_pause ? now : batch;
                    last = now;
                    rest = Note(rest + Encoding.Latin1.GetString(bytes), batch);
                }
            );
        }
        catch (SocketException)
        {
            // The measurement is over.
        }
    }

    private static void HandOn(Socket from, Socket to, Action<ReadOnlySpan<byte>, long> note)
    {
        byte[] buffer = new byte[256 << 10];
        try
        {
            for (int read; (read = from.Receive(buffer)) > 0; )
            {
                note(buffer.AsSpan(0, read), Stopwatch.GetTimestamp());
                to.Send(buffer.AsSpan(0, read));
            }
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // The measurement is over.
        }
    }

    // Numbers stand as #12# in the arguments; what may be the beginning of one is kept for the next bytes.
    private string Note(string text, long at)
    {
        int open;
        while ((open = text.IndexOf('#', StringComparison.Ordinal)) >= 0)
        {
            int close = text.IndexOf('#', open + 1);
            if (close < 0)
            {
                return text[open..];
            }

            bool isNumber = long.TryParse(text.AsSpan(open + 1, close - open - 1), out long number);
            if (isNumber)
            {
                _opened.TryAdd(number, at);
            }

            text = text[(isNumber ? close + 1 : close)..];
        }

        return string.Empty;
    }
}
