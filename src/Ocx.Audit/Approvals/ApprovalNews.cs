namespace Ocx.Audit.Approvals;

/// <summary>Tells calls that wait for a person when there is something new of their approval. For any thread.</summary>
public sealed class ApprovalNews : IDisposable
{
    private readonly IApprovals _approvals;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<Reader>> _readers = new(StringComparer.Ordinal);

    /// <summary>Follows approvals until it is disposed.</summary>
    public ApprovalNews(IApprovals approvals)
    {
        ArgumentNullException.ThrowIfNull(approvals);
        _approvals = approvals;
        approvals.Changed += Tell;
    }

    /// <summary>Begins to follow those of a binding; disposing it ends that.</summary>
    /// <param name="binding">What the approval holds for (<see cref="ApprovalBinding.Digest"/>).</param>
    public Reader Of(string binding)
    {
        var reader = new Reader(this, binding);
        lock (_lock)
        {
            if (!_readers.TryGetValue(binding, out List<Reader>? all))
            {
                _readers[binding] = all = [];
            }

            all.Add(reader);
        }

        return reader;
    }

    /// <inheritdoc/>
    public void Dispose() => _approvals.Changed -= Tell;

    private void Tell(Approval approval)
    {
        lock (_lock)
        {
            if (_readers.TryGetValue(approval.Binding, out List<Reader>? all))
            {
                all.ForEach(reader => reader.Tell());
            }
        }
    }

    private void End(Reader reader)
    {
        lock (_lock)
        {
            if (_readers.TryGetValue(reader.Binding, out List<Reader>? all) && all.Remove(reader) && all.Count == 0)
            {
                _readers.Remove(reader.Binding);
            }
        }
    }

    /// <summary>One call that waits.</summary>
    public sealed class Reader : IDisposable
    {
        private readonly ApprovalNews _news;
        private TaskCompletionSource _next = New();

        internal Reader(ApprovalNews news, string binding) => (_news, Binding) = (news, binding);

        /// <summary>
        /// Ends with the first news after it was asked for: ask for it, look at the approval, then wait for it.
        /// </summary>
        public Task Next => Volatile.Read(ref _next).Task;

        internal string Binding { get; }

        /// <inheritdoc/>
        public void Dispose() => _news.End(this);

        internal void Tell() => Interlocked.Exchange(ref _next, New()).TrySetResult();

        private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
