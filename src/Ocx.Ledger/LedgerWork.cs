using Ocx.Audit.Ledger;

namespace Ocx.Ledger;

/// <summary>What the writer is to do.</summary>
internal abstract record LedgerWork
{
    /// <summary>Tells whoever waits that nothing came of it.</summary>
    public virtual void Fail(Exception error) { }

    /// <summary>Look at the clock.</summary>
    internal sealed record Tick : LedgerWork;

    /// <summary>Append a record.</summary>
    internal sealed record Append(LedgerEntry Entry) : LedgerWork
    {
        public TaskCompletionSource<LedgerAppend> Done { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override void Fail(Exception error) => Done.TrySetException(error);
    }

    /// <summary>Something else that is done within a transaction.</summary>
    internal sealed record Change(Action<LedgerChain> Make) : LedgerWork
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override void Fail(Exception error) => Done.TrySetException(error);
    }
}
