using Grpc.Core;

namespace Ocx.Auditor.Intake;

/// <summary>Who speaks to the auditor.</summary>
internal enum Caller
{
    /// <summary>An agent, which tells of calls.</summary>
    Agent,

    /// <summary>A gate, which holds them.</summary>
    Gate,
}

/// <summary>Who may tell of calls or hold them, and for which node.</summary>
internal interface ICallerAccess
{
    /// <summary>How long one stream may last: then its caller has to prove itself again.</summary>
    TimeSpan LongestStream { get; }

    /// <summary>The node that a caller proves to be on; null where none has to be proven.</summary>
    /// <exception cref="RpcException">It may not do that; the status says why.</exception>
    ValueTask<string?> NodeOfAsync(HttpContext http, Caller caller, CancellationToken cancellation);
}

/// <summary>On one machine: whoever may use the socket may tell of every call, and hold it.</summary>
internal sealed class OwnerOfSocket : ICallerAccess
{
    /// <inheritdoc/>
    public TimeSpan LongestStream => Timeout.InfiniteTimeSpan;

    /// <inheritdoc/>
    public ValueTask<string?> NodeOfAsync(HttpContext http, Caller caller, CancellationToken cancellation) =>
        ValueTask.FromResult<string?>(null);
}
