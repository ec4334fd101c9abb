namespace Ocx.State.Clones;

/// <summary>
/// Keeps warm clones of one source, and makes the next ones in the background, one after the other. When that fails it
/// says why, waits, and tries again.
/// </summary>
public sealed class ClonePool : IAsyncDisposable
{
    private readonly CloneMaker _maker;
    private readonly ClonePoolOptions _options;
    private readonly CloneShelf _shelf;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private readonly Lock _lock = new();
    private readonly HashSet<Task> _background = [];
    private volatile bool _isStopping;

    /// <summary>Begins to make clones.</summary>
    /// <param name="maker">Makes them; its owner disposes of it after the pool.</param>
    /// <param name="options">How many.</param>
    public ClonePool(CloneMaker maker, ClonePoolOptions options)
    {
        (_maker, _options, _shelf) = (maker, options, new CloneShelf(options));
        _running = Task.WhenAll(Task.Run(RefillAsync), Task.Run(WatchAsync));
    }

    /// <summary>How it is now.</summary>
    public ClonePoolStatus Status => _shelf.Status(_maker.Source, DateTimeOffset.UtcNow);

    /// <summary>Waits until something of <see cref="Status"/> may be another way.</summary>
    public Task ChangedAsync(CancellationToken cancellation) => _shelf.Changed.WaitAsync(cancellation);

    /// <summary>Takes a clone; waits for one while it is being made and no try has failed.</summary>
    /// <exception cref="CloneException">There is none, and why.</exception>
    public async Task<PooledClone> TakeAsync(CancellationToken cancellation)
    {
        while (true)
        {
            Task changed = _shelf.Changed;
            if (_shelf.Take() is not { } warm)
            {
                await changed.WaitAsync(cancellation).ConfigureAwait(false);
                continue;
            }

            try
            {
                return new PooledClone(await warm.TakeAsync(cancellation).ConfigureAwait(false), GiveBack);
            }
            catch (CloneException error) when (!WarmClone.IsFinal(error))
            {
                _shelf.PutBack(warm);
                throw;
            }
            catch (Exception error)
            {
                _shelf.GiveBack(isOfUse: false);
                _ = InBackground(() => ThrowAwayAsync(warm));
                if (error is not CloneException { Failure: CloneFailure.CloneDied })
                {
                    throw;
                }
            }
        }
    }

    /// <summary>Ends all warm clones. Taken ones are ended when they are given back.</summary>
    public async ValueTask DisposeAsync()
    {
        _isStopping = true;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        while (Background() is { Length: > 0 } tasks)
        {
            await Task.WhenAll(tasks).ConfigureAwait(false);
        }

        foreach (WarmClone warm in _shelf.Clear())
        {
            await warm.DisposeAsync().ConfigureAwait(false);
        }

        _stop.Dispose();
    }

    private async Task RefillAsync()
    {
        TimeSpan pause = _options.FirstPause;
        while (!_isStopping)
        {
            Task changed = _shelf.Changed;
            if (!_shelf.MayMake())
            {
                await QuietlyAsync(changed.WaitAsync(_stop.Token)).ConfigureAwait(false);
                continue;
            }

            try
            {
                _shelf.Came(await _maker.MakeAsync(_stop.Token).ConfigureAwait(false));
                pause = _options.FirstPause;
            }
            catch (OperationCanceledException) when (_isStopping)
            {
                _shelf.DidNotCome(null);
            }
            catch (Exception error)
            {
                _shelf.DidNotCome(
                    error as CloneException ?? new CloneException(CloneFailure.CloneDied, error.Message, error)
                );
                await QuietlyAsync(Task.Delay(pause, _stop.Token)).ConfigureAwait(false);
                pause = TimeSpan.FromTicks(Math.Min(_options.LongestPause.Ticks, pause.Ticks * 2));
            }
        }
    }

    private async Task WatchAsync()
    {
        while (!_isStopping)
        {
            await QuietlyAsync(Task.Delay(_options.CheckInterval, _stop.Token)).ConfigureAwait(false);
            var seen = new HashSet<WarmClone>();
            while (!_isStopping && _shelf.Look(seen) is { } warm)
            {
                await LookAsync(warm).ConfigureAwait(false);
            }
        }
    }

    private async Task LookAsync(WarmClone warm)
    {
        CloneException? failure = null;
        try
        {
            await warm.CheckAsync(_stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
        catch (Exception error)
        {
            failure = error as CloneException ?? new CloneException(CloneFailure.CloneDied, error.Message, error);
        }

        bool isGone = failure is not null && WarmClone.IsFinal(failure);
        _shelf.Looked(warm, failure, isGone);
        if (isGone)
        {
            await ThrowAwayAsync(warm).ConfigureAwait(false);
        }
    }

    private Task GiveBack(TakenClone taken)
    {
        bool wanted = _shelf.GiveBack(isOfUse: !_isStopping);
        Task done = InBackground(() => wanted ? RebuildAsync(taken) : ThrowAwayAsync(taken));
        return _isStopping ? done : Task.CompletedTask;
    }

    private async Task RebuildAsync(TakenClone taken)
    {
        WarmClone? again = null;
        try
        {
            again = await taken.ReuseAsync(_stop.Token).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Then it is made anew, and that tells what is wrong.
        }

        try
        {
            await taken.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            if (again is null)
            {
                _shelf.DidNotCome(null);
            }
            else
            {
                _shelf.Came(again);
            }
        }
    }

    private async Task ThrowAwayAsync(IAsyncDisposable clone)
    {
        try
        {
            await clone.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            _shelf.Gone();
        }
    }

    private Task InBackground(Func<Task> work)
    {
        lock (_lock)
        {
            Task task = Task.Run(work);
            _background.Add(task);
            _ = task.ContinueWith(Forget, TaskScheduler.Default);
            return task;
        }
    }

    private void Forget(Task task)
    {
        lock (_lock)
        {
            _background.Remove(task);
        }
    }

    private Task[] Background()
    {
        lock (_lock)
        {
            return [.. _background];
        }
    }

    private static async Task QuietlyAsync(Task task)
    {
        try
        {
            await task.ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The pool stops.
        }
    }
}
