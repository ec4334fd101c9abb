using System.Globalization;
using System.Text;
using Ocx.Netfilter;
using Ocx.NodeProgram;

namespace Ocx.Gate.Pods;

/// <summary>
/// Finds the network namespaces of this node's pods by the control groups of their processes, as the kubelet and the
/// container runtime name them. Processes come and go meanwhile; what is handed out belonged to the pod when it was
/// looked at. One thread's. It sees the pods' processes only in the machine's own pid namespace (hostPID).
/// </summary>
internal sealed class PodNamespaces
{
    private const string Processes = "/proc";

    // All hierarchies of cgroups v1, each with a path of the greatest length.
    private const int MostBytes = 64 << 10;

    // Of one pod. The first of them is the pod's sandbox; another is looked at when that one has just ended.
    private const int MostCandidates = 4;

    // A container's id has 64 digits.
    private const int ShortestOfContainer = 64;

    private readonly byte[] _buffer = new byte[MostBytes];

    private readonly ulong _node;

    /// <summary>Looks up the node's own namespace.</summary>
    /// <param name="node">A path to it.</param>
    /// <exception cref="NetfilterException">It cannot be seen.</exception>
    public PodNamespaces(string node)
    {
        using NetworkNamespace network = NetworkNamespace.Open(node);
        _node = network.Inode;
    }

    /// <summary>Opens the namespaces of these pods, in one look at all processes.</summary>
    /// <param name="uids">
    /// The uids of pods that have a network namespace of their own. A pod on the node's network has the node's, which
    /// is never one of these.
    /// </param>
    /// <returns>By uid, those that were found; the caller closes them.</returns>
    public Dictionary<string, NetworkNamespace> Open(IReadOnlySet<string> uids)
    {
        var found = new Dictionary<string, NetworkNamespace>(StringComparer.Ordinal);
        foreach ((string uid, List<(long Began, int Pid)> candidates) in Candidates(uids))
        {
            foreach ((_, int pid) in candidates)
            {
                if (TryOpen(uid, pid) is { } network)
                {
                    found.Add(uid, network);
                    break;
                }
            }
        }
        return found;
    }

    private Dictionary<string, List<(long Began, int Pid)>> Candidates(IReadOnlySet<string> uids)
    {
        var candidates = new Dictionary<string, List<(long Began, int Pid)>>(StringComparer.Ordinal);
        if (uids.Count == 0)
        {
            return candidates;
        }
        foreach (string folder in Directory.EnumerateDirectories(Processes))
        {
            if (
                int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int pid)
                && PodOf(pid) is { } uid
                && uids.Contains(uid)
                && BeganAt(pid) is { } began
            )
            {
                if (!candidates.TryGetValue(uid, out List<(long Began, int Pid)>? of))
                {
                    candidates.Add(uid, of = []);
                }
                // The oldest ones: a container may have processes in other namespaces, the pod's sandbox has not.
                of.Add((began, pid));
                of.Sort();
                if (of.Count > MostCandidates)
                {
                    of.RemoveAt(MostCandidates);
                }
            }
        }
        return candidates;
    }

    private NetworkNamespace? TryOpen(string uid, int pid)
    {
        NetworkNamespace network;
        try
        {
            network = NetworkNamespace.Open($"{Processes}/{pid}/ns/net");
        }
        catch (NetfilterException)
        {
            return null; // It has ended.
        }
        // Asked again: the number may be another process's by now. A runtime's process is in the pod's group before it
        // is in the pod's namespace.
        if (PodOf(pid) == uid && network.Inode != _node)
        {
            return network;
        }
        network.Dispose();
        return null;
    }

    // The uid of a process's pod; null when it is in none, or has ended.
    private string? PodOf(int pid)
    {
        ReadOnlySpan<byte> text = Read(pid, "cgroup");
        // Most processes are in no container.
        if (text.Length <= ShortestOfContainer)
        {
            return null;
        }

        bool isNamed = text.IndexOf("pod"u8) >= 0;
        return ContainerCgroup.Parse(Encoding.UTF8.GetString(text)) switch
        {
            { PodUid: { Length: > 0 } uid } => uid,
            // A kubelet without groups for pods (cgroupsPerQOS: false).
            { } when !isNamed => PodMounts.PodOf(Encoding.UTF8.GetString(Read(pid, "mountinfo"))),
            _ => null,
        };
    }

    // In clock ticks since the machine began (proc(5), /proc/PID/stat, field 22); null when it has ended.
    private long? BeganAt(int pid)
    {
        const int fieldsBetween = 19;
        ReadOnlySpan<byte> text = Read(pid, "stat");
        // The second field is the name, in parentheses, and may hold anything.
        text = text[(text.LastIndexOf((byte)')') + 1)..].TrimStart((byte)' ');
        for (int field = 0; field < fieldsBetween; field++)
        {
            int space = text.IndexOf((byte)' ');
            if (space < 0)
            {
                return null;
            }
            text = text[(space + 1)..];
        }
        return System.Buffers.Text.Utf8Parser.TryParse(text, out long ticks, out _) ? ticks : null;
    }

    private ReadOnlySpan<byte> Read(int pid, string file)
    {
        try
        {
            using FileStream stream = new(
                $"{Processes}/{pid}/{file}",
                new FileStreamOptions { BufferSize = 0, Share = FileShare.ReadWrite }
            );
            int length = 0;
            int read;
            while (length < _buffer.Length && (read = stream.Read(_buffer, length, _buffer.Length - length)) > 0)
            {
                length += read;
            }
            return _buffer.AsSpan(0, length);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return default;
        }
    }
}
