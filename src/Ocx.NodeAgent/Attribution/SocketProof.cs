using System.Buffers.Binary;
using System.Globalization;
using Ocx.Bpf;
using Ocx.NodeAgent.Capture;

namespace Ocx.NodeAgent.Attribution;

/// <summary>A socket among a process's open files.</summary>
/// <param name="Pid">The process.</param>
/// <param name="Descriptor">The open file, under /proc.</param>
/// <param name="Target">What it leads to: <c>socket:[inode]</c>.</param>
internal readonly record struct HeldSocket(int Pid, string Descriptor, string Target)
{
    /// <summary>Does the process still hold it?</summary>
    public bool IsStillHeld => new FileInfo(Descriptor).LinkTarget == Target;
}

/// <summary>
/// Proves that the process which was current when a segment passed holds the segment's socket: by the connection's
/// addresses to the socket, and from there to the process's open files. Used by one thread.
/// </summary>
internal sealed class SocketProof : IDisposable
{
    // include/linux/proc_ns.h: PROC_PID_INIT_INO. In another pid namespace /proc numbers processes differently than the
    // filter.
    private const string InitialPidNamespace = "pid:[4026531836]";

    // The tables of a pod with tens of thousands of connections take longer to read than a name is worth.
    private const int MaxTableBytes = 4 << 20;

    private static readonly string? s_network = new FileInfo("/proc/self/ns/net").LinkTarget;

    private readonly SocketDiagnostics _sockets = new();

    /// <summary>Do the filter and /proc number processes alike?</summary>
    public static bool IsPossible => new FileInfo("/proc/self/ns/pid").LinkTarget == InitialPidNamespace;

    /// <summary>Why processes cannot be named here; null when they can.</summary>
    public static string? Obstacle()
    {
        try
        {
            return !KernelFeature.SocketFilterKnowsCurrentTask() ? "the kernel is older than 6.10"
                : !IsPossible ? "the agent is not in the machine's own pid namespace (hostPID)"
                : null;
        }
        catch (BpfException refused)
        {
            return refused.Message;
        }
    }

    /// <summary>
    /// The segment's socket as the candidate process holds it; null when that is not so, or cannot be seen.
    /// </summary>
    public HeldSocket? Find(in CapturedSegment segment)
    {
        string process = string.Create(CultureInfo.InvariantCulture, $"/proc/{segment.CandidatePid}");
        try
        {
            // Here first, whatever the process's own network is: a process may hold sockets of several.
            uint inode = _sockets.FindInode(
                segment.SourceAddress,
                segment.SourcePort,
                segment.DestinationAddress,
                segment.DestinationPort
            );
            return Held(process, segment.CandidatePid, inode)
                ?? (
                    new FileInfo($"{process}/ns/net").LinkTarget is { } network && network != s_network
                        ? Held(process, segment.CandidatePid, FindInOtherNetwork(process, segment))
                        : null
                );
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The process has ended, or is not ours to look into.
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _sockets.Dispose();

    private static HeldSocket? Held(string process, int pid, uint inode)
    {
        if (inode == 0)
        {
            return null;
        }
        string wanted = string.Create(CultureInfo.InvariantCulture, $"socket:[{inode}]");
        // A connection that is looked up is mostly new, and so is its descriptor: the longest and last of the names.
        string? descriptor = Directory
            .EnumerateFiles($"{process}/fd")
            .OrderByDescending(file => file.Length)
            .ThenByDescending(file => file, StringComparer.Ordinal)
            .FirstOrDefault(file => new FileInfo(file).LinkTarget == wanted);
        return descriptor is null ? null : new HeldSocket(pid, descriptor, wanted);
    }

    // A pod's sockets, as the process itself sees them (proc(5), /proc/net/tcp).
    private static uint FindInOtherNetwork(string process, in CapturedSegment segment)
    {
        uint inode =
            segment.IpVersion == 4
                ? FindInTable(
                    $"{process}/net/tcp",
                    Hexadecimal(segment.SourceAddress, segment.SourcePort),
                    Hexadecimal(segment.DestinationAddress, segment.DestinationPort)
                )
                : 0;
        // A socket of both versions stands among those of version 6, its IPv4 addresses mapped.
        return inode != 0
            ? inode
            : FindInTable(
                $"{process}/net/tcp6",
                Hexadecimal(Mapped(segment.SourceAddress), segment.SourcePort),
                Hexadecimal(Mapped(segment.DestinationAddress), segment.DestinationPort)
            );
    }

    private static uint FindInTable(string table, string local, string remote)
    {
        const int LocalColumn = 1,
            RemoteColumn = 2,
            InodeColumn = 9;
        string ends = $" {local} {remote} ";
        long read = 0;
        foreach (string line in File.ReadLines(table))
        {
            if ((read += line.Length) > MaxTableBytes)
            {
                return 0;
            }
            if (
                line.Contains(ends, StringComparison.Ordinal)
                && line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is { Length: > InodeColumn } columns
                && columns[LocalColumn] == local
                && columns[RemoteColumn] == remote
                && uint.TryParse(columns[InodeColumn], CultureInfo.InvariantCulture, out uint inode)
            )
            {
                return inode;
            }
        }
        return 0;
    }

    private static byte[] Mapped(ReadOnlySpan<byte> address) =>
        address.Length == 16 ? address.ToArray() : [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, .. address];

    // Each 32 bits of the address as a number of the machine's byte order.
    private static string Hexadecimal(ReadOnlySpan<byte> address, ushort port)
    {
        Span<byte> turned = stackalloc byte[16];
        for (int at = 0; at < address.Length; at += 4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(turned[at..], BitConverter.ToUInt32(address[at..]));
        }
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Convert.ToHexString(turned[..address.Length])}:{port:X4}"
        );
    }
}
