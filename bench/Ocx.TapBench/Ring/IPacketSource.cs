namespace Ocx.TapBench.Ring;

/// <summary>Puts packets before the filter, and knows how long the filter took for them.</summary>
internal interface IPacketSource : IDisposable
{
    /// <summary>Sends this many packets from the calling thread.</summary>
    void Send(int count);

    /// <summary>What the kernel measured so far: nanoseconds in the filter, and its runs.</summary>
    (double Nanoseconds, double Runs) KernelTime { get; }
}
