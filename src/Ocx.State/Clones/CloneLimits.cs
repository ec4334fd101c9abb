using System.Net;

namespace Ocx.State.Clones;

/// <summary>What a clone may cost, and how it is shown.</summary>
public sealed record CloneLimits
{
    /// <summary>The address of this machine that clones listen on; their ports are the kernel's choice.</summary>
    public IPAddress Listen { get; init; } = IPAddress.Loopback;

    /// <summary>How much a source may hold, in bytes.</summary>
    public long MaxBytes { get; init; } = 10L << 30;

    /// <summary>How long a copy may take.</summary>
    public TimeSpan CopyTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a source, or a clone's server, may take to answer.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How far behind its source a clone may be when it is taken.</summary>
    public TimeSpan MaxLag { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How many changes are listed; all are counted.</summary>
    public int MaxChanges { get; init; } = 100;

    /// <summary>How many fields of a row, or parts of a value, are listed.</summary>
    public int MaxFields { get; init; } = 100;

    /// <summary>How many characters of a value are kept.</summary>
    public int MaxValue { get; init; } = 1000;
}
