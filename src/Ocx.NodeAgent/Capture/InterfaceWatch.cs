using Ocx.Bpf;

namespace Ocx.NodeAgent.Capture;

/// <summary>
/// Follows the machine's interfaces on a thread of its own: keeps the tap attached and the names current.
/// </summary>
internal sealed class InterfaceWatch : IDisposable
{
    // A safety net under the kernel's notifications, and the longest that a stop waits for this thread.
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    private readonly TappedInterfaces _tapped;
    private readonly InterfaceNames _names;
    private readonly LinkEvents _events;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _stopping;

    /// <summary>Subscribes to changes; <see cref="Start"/> begins to act on them.</summary>
    public InterfaceWatch(TappedInterfaces tapped, InterfaceNames names)
    {
        _tapped = tapped;
        _names = names;
        _events = new LinkEvents(s_interval);
        _thread = new Thread(Run) { Name = "ocx-interfaces", IsBackground = true };
    }

    /// <summary>Ends after <see cref="StopAsync"/>, or with the exception that stopped it.</summary>
    public Task Finished => _finished.Task;

    /// <summary>Starts following.</summary>
    public void Start() => _thread.Start();

    /// <summary>Stops following; afterwards nothing is attached anew.</summary>
    public Task StopAsync()
    {
        _stopping = true;
        return Finished;
    }

    /// <inheritdoc/>
    public void Dispose() => _events.Dispose();

    private void Run()
    {
        try
        {
            while (!_stopping)
            {
                // The first round catches what changed between the attach and the subscription.
                _names.Refresh();
                _tapped.Reconcile();
                _events.Wait();
            }
            _finished.SetResult();
        }
#pragma warning disable CA1031 // The exception is handed to whoever awaits the watch.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _finished.SetException(exception);
        }
    }
}
