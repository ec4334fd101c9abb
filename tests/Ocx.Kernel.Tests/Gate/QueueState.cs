using System.Globalization;
using Ocx.Kernel.Tests.Harness;

namespace Ocx.Kernel.Tests.Gate;

/// <summary>What the kernel says of a gate's first queue (<c>/proc/net/netfilter/nfnetlink_queue</c>).</summary>
/// <param name="Waiting">Packets that are in it, or were handed over and have no verdict.</param>
/// <param name="Dropped">Packets for which there was no room.</param>
internal readonly record struct QueueState(long Waiting, long Dropped)
{
    /// <summary>Reads it, in the namespace of a gate that runs.</summary>
    public static QueueState Of(NetworkNamespace server)
    {
        long[] numbers =
        [
            .. server
                .Exec("cat", "/proc/net/netfilter/nfnetlink_queue")
                .Split('\n')[0]
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(number => long.Parse(number, CultureInfo.InvariantCulture)),
        ];
        return new(numbers[2], numbers[5] + numbers[6]);
    }
}
