namespace Ocx.Sandbox.Limits;

/// <summary>What a sandbox may use. All of it is enforced from outside, by the host's kernel.</summary>
public sealed record SandboxLimits
{
    /// <summary>Bytes of memory: the server's, gVisor's own, and what is written to files.</summary>
    public long Memory { get; init; } = 512L << 20;

    /// <summary>Bytes of files that may be written; they are in memory and count there too.</summary>
    public long Files { get; init; } = 128L << 20;

    /// <summary>
    /// The host's processes and threads. gVisor needs some 40 for itself, and one or more for each process of the
    /// server's.
    /// </summary>
    public int Tasks { get; init; } = 512;

    /// <summary>Processor cores' worth of time.</summary>
    public double Cores { get; init; } = 2;
}
