using Ocx.Api;

namespace Ocx.NodeAgent;

/// <summary>
/// Bounds the managed heap. Without a bound the collector lets garbage of large messages lie for as long as the machine
/// has memory, and the agent's size follows the machine's and not its settings.
/// </summary>
internal static class HeapLimit
{
    // The name that the runtime reads (GCHeapHardLimit in the documentation of runtime configuration).
    private const string Setting = "GCHeapHardLimit";

    /// <summary>Sets the bound; a container's own limit stays the bound where it is lower.</summary>
    /// <param name="calls">What following calls may hold, and what may wait for an auditor, in bytes.</param>
    public static void Set(long calls)
    {
        long available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        AppContext.SetData(Setting, (ulong)Math.Min(AgentFootprint.Heap(calls), available));
        GC.RefreshMemoryLimit();
    }
}
