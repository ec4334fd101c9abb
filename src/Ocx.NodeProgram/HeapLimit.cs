namespace Ocx.NodeProgram;

/// <summary>
/// Bounds the managed heap. Without a bound the collector lets garbage of large messages lie for as long as the machine
/// has memory, and a program's size follows the machine's and not its settings.
/// </summary>
public static class HeapLimit
{
    // The name that the runtime reads (GCHeapHardLimit in the documentation of runtime configuration).
    private const string Setting = "GCHeapHardLimit";

    /// <summary>Sets the bound; a container's own limit stays the bound where it is lower.</summary>
    /// <param name="most">The most that the heap may take, in bytes.</param>
    public static void Set(long most)
    {
        long available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        AppContext.SetData(Setting, (ulong)Math.Min(most, available));
        GC.RefreshMemoryLimit();
    }
}
