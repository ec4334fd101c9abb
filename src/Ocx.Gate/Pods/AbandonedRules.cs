using System.Globalization;
using Ocx.Gate.Rules;
using Ocx.Netfilter;

namespace Ocx.Gate.Pods;

/// <summary>
/// Rules that gates have left on this node when they ended: in each network namespace that a process is in.
/// </summary>
internal static class AbandonedRules
{
    private const string Processes = "/proc";

    /// <summary>Takes them away. What a gate that runs has set stays.</summary>
    /// <returns>In how many namespaces there were any.</returns>
    /// <exception cref="RulesException">In one of them it failed; the others are done.</exception>
    public static int Remove()
    {
        var seen = new HashSet<ulong>();
        int removed = 0;
        Exception? failure = null;
        foreach (string folder in Directory.EnumerateDirectories(Processes))
        {
            if (
                !int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out _)
                || TryOpen($"{folder}/ns/net") is not { } network
            )
            {
                continue;
            }

            using (network)
            {
                if (!seen.Add(network.Inode))
                {
                    continue;
                }

                try
                {
                    removed += new NamespaceRules(network, default).RemoveAbandoned() ? 1 : 0;
                }
                catch (Exception refused) when (refused is RulesException or NetfilterException)
                {
                    failure ??= refused;
                }
            }
        }

        return failure is null ? removed : throw new RulesException(failure.Message);
    }

    private static NetworkNamespace? TryOpen(string path)
    {
        try
        {
            return NetworkNamespace.Open(path);
        }
        catch (NetfilterException)
        {
            return null; // The process has ended.
        }
    }
}
