using System.Globalization;

namespace Ocx.Cluster.Tests;

/// <summary>
/// What one agent's container has in the kernel of this machine, which is its node: its process, BPF programs and maps,
/// and packet sockets. By their numbers, for other agents may run here that are none of the test's business. The kernel
/// gives these numbers out in turn: none returns soon.
/// </summary>
internal sealed record AgentOnNode(
    int Pid,
    IReadOnlyList<string> Programs,
    IReadOnlyList<string> Maps,
    IReadOnlyList<string> Sockets
)
{
    /// <summary>The agent of a container, by the runtime's name of it: <c>containerd://0123…</c>.</summary>
    public static AgentOnNode Of(string container)
    {
        int pid = ProcessesOf(container[(container.IndexOf("://", StringComparison.Ordinal) + 3)..]).First();
        string[] descriptors = [.. Directory.EnumerateFiles($"/proc/{pid}/fdinfo").SelectMany(LinesOf)];
        return new AgentOnNode(
            pid,
            Numbers("prog_id:"),
            Numbers("map_id:"),
            [.. PacketSockets().Where(Descriptors(pid).Contains)]
        );

        string[] Numbers(string field) =>
            [
                .. descriptors
                    .Where(line => line.StartsWith(field, StringComparison.Ordinal))
                    .Select(line => line[field.Length..].Trim())
                    .Distinct(),
            ];
    }

    /// <summary>Names what is still there of it.</summary>
    public async Task<string> LeftAsync()
    {
        List<string> left = [];
        if (Directory.Exists($"/proc/{Pid}"))
        {
            left.Add($"process {Pid}");
        }
        foreach (var (kind, numbers) in new[] { ("prog", Programs), ("map", Maps) })
        {
            foreach (string number in numbers)
            {
                if (await ExistsAsync(kind, number))
                {
                    left.Add($"{kind} {number}");
                }
            }
        }
        left.AddRange(PacketSockets().Intersect(Sockets).Select(socket => $"packet socket {socket}"));
        return string.Join(", ", left);
    }

    private static async Task<bool> ExistsAsync(string kind, string number)
    {
        try
        {
            await Command.RunAsync("bpftool", [kind, "show", "id", number]);
            return true;
        }
        catch (CommandException)
        {
            return false;
        }
    }

    // Whatever the runtime and its cgroup driver, the group's name has the container's id in it.
    public static IEnumerable<int> ProcessesOf(string container) =>
        Directory
            .EnumerateDirectories("/proc")
            .Where(folder =>
                int.TryParse(Path.GetFileName(folder), out _)
                && LinesOf(Path.Combine(folder, "cgroup"))
                    .Any(line => line.Contains(container, StringComparison.Ordinal))
            )
            .Select(folder => int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture));

    // The inode is the last column (net/packet/af_packet.c: packet_seq_show).
    private static IEnumerable<string> PacketSockets() =>
        LinesOf("/proc/net/packet").Skip(1).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^1]);

    private static HashSet<string> Descriptors(int pid) =>
        [
            .. Directory
                .EnumerateFiles($"/proc/{pid}/fd")
                .Select(file => new FileInfo(file).LinkTarget ?? "")
                .Where(target => target.StartsWith("socket:[", StringComparison.Ordinal))
                .Select(target => target[8..^1]),
        ];

    // Processes and their descriptors come and go.
    private static string[] LinesOf(string file)
    {
        try
        {
            return File.ReadAllLines(file);
        }
        catch (IOException)
        {
            return [];
        }
        catch (UnauthorizedAccessException)
        {
            return [];
        }
    }
}
