using System.Diagnostics;
using System.Globalization;
using Ocx.Mcp.Tcp;
using Ocx.NodeAgent.Capture;
using Ocx.NodeProgram;

namespace Ocx.NodeAgent.Attribution;

/// <summary>A process at one end of a connection.</summary>
/// <param name="Pid">Its number in the machine's own pid namespace.</param>
/// <param name="Comm">Its name, as in <c>ps -o comm</c>.</param>
/// <param name="Container">The pod and the container that it runs in; null outside of pods.</param>
internal sealed record OwnerProcess(int Pid, string Comm, ContainerCgroup? Container);

/// <summary>
/// Which process is at which end of the connections that calls go over. It is looked up when an end's first payload
/// passes, not when a call is over: many a client has ended by then. What cannot be proved is not told. Bounded in
/// memory and in time. Used by one thread.
/// </summary>
internal sealed class ConnectionOwners : IDisposable
{
    private const int MaxEnds = 16_384;

    // A segment that an acknowledgment clocked out has whoever was interrupted for a candidate; the next may have the
    // sender.
    private const int Attempts = 4;
    private static readonly long s_pause = Stopwatch.Frequency;
    private static readonly long s_trusted = Stopwatch.Frequency / 20;

    // Of each second, the part that may go into proofs.
    private static readonly long s_budget = Stopwatch.Frequency / 4;

    private readonly Dictionary<(IpEndpoint From, IpEndpoint To), End> _ends = [];
    private readonly SocketProof _proof = new();
    private long _secondBegan;
    private long _spent;

    /// <summary>A segment with payload passed from one end to the other.</summary>
    public void Note(in CapturedSegment segment, IpEndpoint from, IpEndpoint to, long unixNs)
    {
        if (segment.CandidatePid == 0)
        {
            return;
        }
        if (!_ends.TryGetValue((from, to), out End? end))
        {
            if (_ends.Count >= MaxEnds)
            {
                _ends.Clear();
            }
            _ends[(from, to)] = end = new End();
        }
        long now = Stopwatch.GetTimestamp();
        if (end.Socket.Pid != segment.CandidatePid)
        {
            TryProve(end, segment, now);
        }
        if (end.Owner is not null && now - end.CheckedAt > s_trusted)
        {
            end.CheckedAt = now;
            end.Owner = end.Socket.IsStillHeld ? end.Owner : null;
        }
        end.SeenUnixNs = end.Owner is null ? 0 : unixNs;
    }

    /// <summary>
    /// The process at the one end, if it was there when something was sent from it after the given time; null when that
    /// is not proved.
    /// </summary>
    public OwnerProcess? At(IpEndpoint from, IpEndpoint to, long sinceUnixNs) =>
        _ends.TryGetValue((from, to), out End? end) && end.SeenUnixNs >= sinceUnixNs ? end.Owner : null;

    /// <inheritdoc/>
    public void Dispose() => _proof.Dispose();

    private void TryProve(End end, in CapturedSegment segment, long now)
    {
        if (end.Attempts >= Attempts && now - end.TriedAt < s_pause)
        {
            return;
        }
        if (now - _secondBegan > Stopwatch.Frequency)
        {
            (_secondBegan, _spent) = (now, 0);
        }
        if (_spent > s_budget)
        {
            return;
        }
        end.Attempts++;
        end.TriedAt = now;
        if (_proof.Find(segment) is { } socket && Describe(socket.Pid) is { } owner)
        {
            (end.Socket, end.Owner, end.CheckedAt, end.Attempts) = (socket, owner, now, 0);
        }
        _spent += Stopwatch.GetTimestamp() - now;
    }

    private static OwnerProcess? Describe(int pid)
    {
        string process = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}");
        try
        {
            return new OwnerProcess(
                pid,
                File.ReadAllText($"{process}/comm").TrimEnd('\n'),
                ContainerCgroup.Parse(File.ReadAllText($"{process}/cgroup"))
            );
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private sealed class End
    {
        public HeldSocket Socket { get; set; }

        public OwnerProcess? Owner { get; set; }

        public long SeenUnixNs { get; set; }

        public long CheckedAt { get; set; }

        public long TriedAt { get; set; }

        public int Attempts { get; set; }
    }
}
