using Ocx.NodeAgent.Calls;
using Ocx.NodeAgent.Capture;
using Ocx.NodeAgent.Output;

namespace Ocx.NodeAgent;

/// <summary>
/// Where captured segments go: to the follower of calls, to standard output, to both or to neither. Each has a thread
/// and a bounded queue of its own, so that an output that takes nothing stops neither the capture nor what is counted,
/// judged, exported and reported of calls.
/// </summary>
internal sealed class Pipeline
{
    private readonly SegmentHandoff? _following;
    private readonly SegmentHandoff? _printing;
    private readonly CallOutput? _calls;

    /// <summary>Puts it together; <see cref="Start"/> makes it run.</summary>
    /// <param name="follower">Follows calls; null when nobody wants to know of them.</param>
    /// <param name="printer">Prints segments; null when they are not printed.</param>
    /// <param name="calls">One of the follower's observers, which prints calls; null when they are not printed.</param>
    public Pipeline(CallFollower? follower, SegmentPrinter? printer, CallOutput? calls)
    {
        _following = follower is null ? null : new SegmentHandoff("ocx-calls", follower, CallFollower.Gather);
        // Segments do not wait for others: who sent each is looked up, and a short-lived process is soon gone.
        _printing = printer is null ? null : new SegmentHandoff("ocx-print", printer);
        _calls = calls;
        Sink = (_following, _printing) switch
        {
            (null, null) => new DiscardingSink(),
            ({ } one, null) => one,
            (null, { } one) => one,
            ({ } one, { } other) => new SegmentFork(one, other),
        };
    }

    /// <summary>Takes the segments.</summary>
    public SegmentSink Sink { get; }

    /// <summary>What was given up so far. Safe from any thread.</summary>
    public ShedCounts Shed =>
        new(_following?.Shed ?? 0, _following?.ShedControl ?? 0, _printing?.Shed ?? 0, _calls?.Shed ?? 0);

    /// <summary>Ends when the follower has had all segments, or with the exception that stopped it.</summary>
    public Task Following { get; private set; } = Task.CompletedTask;

    /// <summary>Ends when standard output has taken everything, or with the exception that stopped it.</summary>
    public Task Output { get; private set; } = Task.CompletedTask;

    /// <summary>The parts that run until they are told to end: one that ends before has failed.</summary>
    public IEnumerable<Task> Running =>
        [
            .. _following is null ? Array.Empty<Task>() : [Following],
            .. _printing is null && _calls is null ? Array.Empty<Task>() : [Output],
        ];

    /// <summary>Starts the threads.</summary>
    /// <param name="abandonOutput">Gives up what standard output has not taken yet, between two writes.</param>
    public void Start(CancellationToken abandonOutput)
    {
        Following = _following?.RunAsync(CancellationToken.None) ?? Task.CompletedTask;
        Output = Task.WhenAll(
            _printing?.RunAsync(abandonOutput) ?? Task.CompletedTask,
            _calls?.RunAsync(abandonOutput) ?? Task.CompletedTask
        );
    }

    /// <summary>No more segments will come.</summary>
    public void Complete()
    {
        _following?.Complete();
        _printing?.Complete();
        // The last calls are told before the follower ends.
        Following.ContinueWith(
            _ => _calls?.Complete(),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default
        );
    }
}
