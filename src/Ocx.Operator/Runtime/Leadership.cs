namespace Ocx.Operator.Runtime;

/// <summary>Whether this replica leads. Controllers wait for it; a replica that loses it stops.</summary>
internal sealed class Leadership
{
    private readonly TaskCompletionSource _acquired = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when this replica leads.</summary>
    public Task Acquired => _acquired.Task;

    /// <summary>This replica leads now.</summary>
    public void Acquire() => _acquired.TrySetResult();
}
