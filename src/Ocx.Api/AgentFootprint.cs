namespace Ocx.Api;

/// <summary>
/// What an agent's process may take, the ring buffer apart, in bytes. The agent holds its garbage collector to
/// <see cref="Heap"/>, the operator computes the pods' memory limit from <see cref="Process"/>, and `make soak` holds a
/// running agent to it.
/// </summary>
public static class AgentFootprint
{
    /// <summary>What following calls may hold, unless <c>--mcp-memory</c> says otherwise.</summary>
    public const long DefaultCalls = 64L << 20;

    /// <summary>What may wait for an auditor, where calls are audited.</summary>
    public const long AuditQueue = 32L << 20;

    /// <summary>
    /// The managed heap beside that: the follower's queue of segments (16 MiB), lines that standard output has not
    /// taken (8 MiB), spans and logs for an OTLP receiver (8 MiB each), metrics (8 MiB), tables of fixed size (about 5
    /// MiB), and room for what the collector has not collected yet.
    /// </summary>
    public const long BesideCalls = 80L << 20;

    /// <summary>What is no managed heap: the program's data, thread stacks, and the decoders' windows.</summary>
    public const long Native = 32L << 20;

    /// <summary>The most that the managed heap may grow to.</summary>
    /// <param name="calls">What following calls may hold.</param>
    public static long Heap(long calls) => calls + BesideCalls;

    /// <summary>The most that the process takes.</summary>
    /// <param name="calls">What following calls may hold.</param>
    public static long Process(long calls) => Heap(calls) + Native;
}
