using System.Diagnostics;
using System.Globalization;
using Ocx.NodeAgent.Capture;

namespace Ocx.NodeAgent.Attribution;

/// <summary>A process that holds the socket which sent a segment.</summary>
/// <param name="Pid">The process.</param>
/// <param name="Tid">
/// The thread that sent it; null when the process has several, since then the kernel's hint proves nothing.
/// </param>
/// <param name="Comm">The process's name, as in <c>ps -o comm</c>.</param>
internal readonly record struct SocketOwner(int Pid, int? Tid, string Comm);

/// <summary>
/// Confirms the process that the filter names as a candidate: it sent the segment if the segment's socket is among its
/// open files. What cannot be confirmed is left out. Used by one thread.
/// </summary>
internal sealed class SocketOwners : IDisposable
{
    private const int MaxRemembered = 4096;
    private static readonly long s_lifetime = Stopwatch.Frequency * 5;

    private readonly Dictionary<
        (int Pid, int Tid, ushort Source, ushort Destination, UInt128 Address),
        (SocketOwner? Owner, long Until)
    > _remembered = [];
    private readonly SocketProof? _proof = SocketProof.IsPossible ? new SocketProof() : null;

    /// <summary>The process that sent the segment, or null when it is not known for certain.</summary>
    public SocketOwner? Find(in CapturedSegment segment)
    {
        int pid = segment.CandidatePid;
        if (pid == 0 || !segment.IsOutgoing || _proof is null)
        {
            return null;
        }
        long now = Stopwatch.GetTimestamp();
        var key = (
            pid,
            segment.CandidateTid,
            segment.SourcePort,
            segment.DestinationPort,
            Remote(segment.DestinationAddress)
        );
        if (_remembered.TryGetValue(key, out (SocketOwner? Owner, long Until) known) && known.Until > now)
        {
            return known.Owner;
        }
        if (_remembered.Count >= MaxRemembered)
        {
            _remembered.Clear();
        }
        SocketOwner? owner = Confirm(_proof, segment);
        _remembered[key] = (owner, now + s_lifetime);
        return owner;
    }

    /// <inheritdoc/>
    public void Dispose() => _proof?.Dispose();

    private static SocketOwner? Confirm(SocketProof proof, in CapturedSegment segment)
    {
        if (proof.Find(segment) is null)
        {
            return null;
        }
        int pid = segment.CandidatePid,
            tid = segment.CandidateTid;
        string process = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}");
        try
        {
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
