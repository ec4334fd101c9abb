using System.Diagnostics;
using System.Globalization;
using Ocx.Bpf;
using Ocx.NodeAgent.Capture;

namespace Ocx.NodeAgent.Sinks;

/// <summary>A process that holds the socket which sent a segment.</summary>
/// <param name="Pid">The process.</param>
/// <param name="Tid">The thread that sent it; null when the process has several, since then the kernel's hint proves nothing.</param>
/// <param name="Comm">The process's name, as in <c>ps -o comm</c>.</param>
internal readonly record struct SocketOwner(int Pid, int? Tid, string Comm);

/// <summary>
/// Confirms the process that the filter names as a candidate: it sent the segment if the segment's socket is among its
/// open files. What cannot be confirmed is left out. Used by one thread.
/// </summary>
internal sealed class SocketOwners : IDisposable
{
    // include/linux/proc_ns.h: PROC_PID_INIT_INO. In another pid namespace /proc numbers processes differently than the filter.
    private const string InitialPidNamespace = "pid:[4026531836]";
    private const int MaxRemembered = 4096;
    private static readonly long s_lifetime = Stopwatch.Frequency * 5;

    private readonly Dictionary<(int Pid, int Tid, ushort Source, ushort Destination, UInt128 Address), (SocketOwner? Owner, long Until)> _remembered = [];
    private readonly SocketDiagnostics? _sockets =
        new FileInfo("/proc/self/ns/pid").LinkTarget == InitialPidNamespace ? new SocketDiagnostics() : null;

    /// <summary>The process that sent the segment, or null when it is not known for certain.</summary>
    public SocketOwner? Find(in CapturedSegment segment)
    {
        int pid = segment.CandidatePid;
        if (pid == 0 || _sockets is null)
        {
            return null;
        }
        long now = Stopwatch.GetTimestamp();
        var key = (pid, segment.CandidateTid, segment.SourcePort, segment.DestinationPort, Remote(segment.DestinationAddress));
        if (_remembered.TryGetValue(key, out (SocketOwner? Owner, long Until) known) && known.Until > now)
        {
            return known.Owner;
        }
        if (_remembered.Count >= MaxRemembered)
        {
            _remembered.Clear();
        }
        SocketOwner? owner = Confirm(segment);
        _remembered[key] = (owner, now + s_lifetime);
        return owner;
    }

    /// <inheritdoc/>
    public void Dispose() => _sockets?.Dispose();

    private SocketOwner? Confirm(in CapturedSegment segment)
    {
        uint inode = _sockets!.FindInode(segment.SourceAddress, segment.SourcePort, segment.DestinationAddress, segment.DestinationPort);
        if (inode == 0)
        {
            return null;
        }
        int pid = segment.CandidatePid, tid = segment.CandidateTid;
        string process = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}");
        string wanted = string.Create(CultureInfo.InvariantCulture, $"socket:[{inode}]");
        try
        {
            if (!Directory.EnumerateFiles($"{process}/fd").Any(file => new FileInfo(file).LinkTarget == wanted))
            {
                return null;
            }
            string comm = File.ReadAllText($"{process}/comm").TrimEnd('\n');
            bool oneThread = Directory.EnumerateDirectories($"{process}/task").Take(2).Count() == 1;
            return new SocketOwner(pid, oneThread && tid == pid ? tid : null, comm);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The process has ended, or is not ours to look into.
            return null;
        }
    }

    private static UInt128 Remote(ReadOnlySpan<byte> address)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        address.CopyTo(bytes);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(bytes);
    }
}
