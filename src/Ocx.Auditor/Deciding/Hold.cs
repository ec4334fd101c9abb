namespace Ocx.Auditor.Deciding;

/// <summary>A call that a gate holds.</summary>
internal sealed class Hold
{
    private readonly TaskCompletionSource _judged = New();
    private readonly TaskCompletionSource _ended = New();
    private readonly Lazy<Task<Decision>> _decision;

    /// <summary>One that is decided when it is asked for its decision for the first time.</summary>
    public Hold(Func<Hold, Task<Decision>> decide) => _decision = new(() => decide(this));

    /// <summary>What becomes of it; its record is in the ledger by then.</summary>
    public Task<Decision> Decision => _decision.Value;

    /// <summary>Ends when its jury is done: of its arguments no more is kept then than its record has.</summary>
    public Task Judged => _judged.Task;

    /// <summary>Ends when the gate has let go of it.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Its jury is done, or was not asked.</summary>
    public void SetJudged() => _judged.TrySetResult();

    /// <summary>The gate has let go of it.</summary>
    public void End() => _ended.TrySetResult();

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
