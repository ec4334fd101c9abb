using Microsoft.Extensions.Logging;
using Ocx.Sandbox.Bundles;
using Ocx.Sandbox.Failures;
using Ocx.Sandbox.Sandboxes;

namespace Ocx.Sandbox.Pooling;

/// <summary>
/// Holds shadow servers ready: started, their clones attached, their sessions begun. One is taken for one call and
/// never comes back; the next is made in the background, one start at a time.
/// </summary>
/// <typeparam name="TClones">The clones of one shadow.</typeparam>
public sealed class ShadowPool<TClones> : IAsyncDisposable
    where TClones : IAsyncDisposable
{
    private readonly SandboxMachine _machine;
    private readonly SandboxSpec _spec;
    private readonly ShadowPoolOptions _options;
    private readonly Func<CancellationToken, Task<Attachment<TClones>>> _attach;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly Queue<Shadow<TClones>> _warm = new();
    private readonly HashSet<Task> _ending = [];
    private readonly Task _filling;
    private TaskCompletionSource _changed = NewSignal();
    private long _started;
    private long _failed;
    private string? _failure;

    /// <summary>Begins to fill a pool.</summary>
    /// <param name="machine">Where; it outlives the pool.</param>
    /// <param name="spec">The server.</param>
    /// <param name="options">How many.</param>
    /// <param name="attach">
    /// Makes the clones of one shadow before it is started; the pool disposes of them after it. Its failure is one of
    /// the start.
    /// </param>
    /// <param name="log">Where failures are told.</param>
    /// <param name="time">The clock.</param>
    public ShadowPool(
        SandboxMachine machine,
        SandboxSpec spec,
        ShadowPoolOptions options,
        Func<CancellationToken, Task<Attachment<TClones>>> attach,
        ILogger log,
        TimeProvider? time = null
    )
    {
        _machine = machine;
        _spec = spec;
        _options = options;
        _attach = attach;
        _log = log;
        _time = time ?? TimeProvider.System;
        _filling = Task.Run(FillAsync);
    }

    /// <summary>How it is.</summary>
    public ShadowPoolStatus Status
    {
        get
        {
            lock (_lock)
            {
                return new ShadowPoolStatus(_warm.Count, _started, _failed, _failure);
            }
        }
    }

    /// <summary>Takes one. It is the taker's, who gives it back or disposes of it.</summary>
    /// <param name="cancellation">Stops waiting for one that is still to come.</param>
    /// <exception cref="SandboxException">There is none, and the last start failed: with its name.</exception>
    public async Task<Shadow<TClones>> TakeAsync(CancellationToken cancellation)
    {
        while (true)
        {
            Task changed;
            Shadow<TClones>? shadow;
            lock (_lock)
            {
                ObjectDisposedException.ThrowIf(_stop.IsCancellationRequested, this);
                if (!_warm.TryDequeue(out shadow) && _failure is { } failure)
                {
                    throw new SandboxException(failure, "the last shadow server could not be started");
                }

                changed = _changed.Task;
            }

            if (shadow is null)
            {
                await changed.WaitAsync(cancellation);
                continue;
            }

            Signal();
            if (IsFit(shadow))
            {
                return shadow;
            }

            await EndAsync(shadow);
        }
    }

    /// <summary>Ends one that was taken, in the background: its taker has what it wanted to know.</summary>
    public void GiveBack(Shadow<TClones> shadow)
    {
        ArgumentNullException.ThrowIfNull(shadow);
        lock (_lock)
        {
            // Those that are done are forgotten here: nobody else has to be told of their end.
            _ending.RemoveWhere(task => task.IsCompleted);
            _ending.Add(Task.Run(() => EndAsync(shadow)));
        }
    }

    /// <summary>Ends all that wait, and waits for those that end.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Signal();
        await _filling;
        await Task.WhenAll(Ending());
        while (_warm.TryDequeue(out Shadow<TClones>? shadow))
        {
            await EndAsync(shadow);
        }

        _stop.Dispose();
    }

    private Task[] Ending()
    {
        lock (_lock)
        {
            return [.. _ending];
        }
    }

    private async Task FillAsync()
    {
        TimeSpan pause = _options.FirstPause;
        while (!_stop.IsCancellationRequested)
        {
            await EndUnfitAsync();
            Task changed;
            bool isFull;
            lock (_lock)
            {
                changed = _changed.Task;
                isFull = _warm.Count >= _options.Warm;
            }

            if (isFull)
            {
                // Those that wait grow old, or end.
                await Task.WhenAny(changed, PauseAsync(_options.FirstPause));
                continue;
            }

            Task next = PauseAsync(_options.BetweenStarts);
            if (await TryStartAsync())
            {
                pause = _options.FirstPause;
                await next;
            }
            else
            {
                await PauseAsync(pause);
                pause = pause * 2 < _options.LongestPause ? pause * 2 : _options.LongestPause;
            }
        }
    }

    private async Task<bool> TryStartAsync()
    {
        Shadow<TClones>? shadow = null;
        string? reason = null;
        try
        {
            shadow = await StartAsync();
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return false;
        }
        catch (SandboxException wrong)
        {
            reason = wrong.Reason;
            _log.StartFailed(reason, wrong.Message);
        }
#pragma warning disable CA1031 // Whatever it is, the pool goes on.
        catch (Exception wrong)
#pragma warning restore CA1031
        {
            reason = SandboxFailures.Setup;
            _log.StartFailed(reason, wrong.Message);
        }

        lock (_lock)
        {
            _failure = reason;
            if (shadow is not null)
            {
                _started++;
                _warm.Enqueue(shadow);
            }
            else
            {
                _failed++;
            }
        }

        Signal();
        return shadow is not null;
    }

    private async Task<Shadow<TClones>> StartAsync()
    {
        Attachment<TClones> attached;
        try
        {
            attached = await _attach(_stop.Token);
        }
        catch (Exception wrong) when (wrong is not (SandboxException or OperationCanceledException))
        {
            throw new SandboxException(SandboxFailures.Clones, wrong.Message, wrong);
        }

        try
        {
            var variables = new Dictionary<string, string>(_spec.Environment);
            foreach ((string name, string value) in attached.Environment)
            {
                variables[name] = value;
            }

            ShadowServer server = await _machine.StartAsync(
                _spec with
                {
                    Environment = variables,
                },
                attached.Forwards,
                _stop.Token
            );
            return new Shadow<TClones>(server, attached.Clones, _time.GetUtcNow());
        }
        catch
        {
            await attached.Clones.DisposeAsync();
            throw;
        }
    }

    private async Task EndUnfitAsync()
    {
        var unfit = new List<Shadow<TClones>>();
        lock (_lock)
        {
            for (int i = _warm.Count; i > 0; i--)
            {
                Shadow<TClones> shadow = _warm.Dequeue();
                if (IsFit(shadow))
                {
                    _warm.Enqueue(shadow);
                }
                else
                {
                    unfit.Add(shadow);
                }
            }
        }

        foreach (Shadow<TClones> shadow in unfit)
        {
            await EndAsync(shadow);
        }
    }

    private bool IsFit(Shadow<TClones> shadow) =>
        !shadow.Server.HasEnded && _time.GetUtcNow() - shadow.Made < _options.OldestWarm;

    private async Task EndAsync(Shadow<TClones> shadow)
    {
        try
        {
            await shadow.DisposeAsync();
        }
#pragma warning disable CA1031 // The others are still to be ended.
        catch (Exception wrong)
#pragma warning restore CA1031
        {
            _log.NotEnded(wrong.Message);
        }
    }

    private async Task PauseAsync(TimeSpan time) =>
        await Task.Delay(time, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private void Signal()
    {
        TaskCompletionSource before;
        lock (_lock)
        {
            before = _changed;
            _changed = NewSignal();
        }

        before.TrySetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
