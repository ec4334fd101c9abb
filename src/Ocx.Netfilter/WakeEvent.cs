using Ocx.Netfilter.Interop;

namespace Ocx.Netfilter;

/// <summary>Wakes a thread that waits in <see cref="Poller"/> (eventfd(2)). Any thread may set it.</summary>
public sealed unsafe class WakeEvent : IDisposable
{
    private readonly DescriptorHandle _event = new(
        Ensure.NotNegative(LibC.eventfd(0, LibC.EFD_CLOEXEC | LibC.EFD_NONBLOCK), "create an eventfd")
    );

    internal int Descriptor => _event.Number;

    /// <summary>
    /// Wakes whoever waits, now or the next time. Setting it again before that changes nothing, nor does setting it
    /// when it is closed and nobody waits any more.
    /// </summary>
    public void Set()
    {
        ulong one = 1;
        try
        {
            // It fails only when the count would overflow: then it is set anyway.
            _ = LibC.write(_event, &one, sizeof(ulong));
        }
        catch (ObjectDisposedException)
        {
            // Whoever sets it need not know when the other thread ends.
        }
    }

    /// <summary>Takes the wake-up away. Look for what was to be done after this, not before.</summary>
    public void Clear()
    {
        ulong count;
        _ = LibC.read(_event, &count, sizeof(ulong));
    }

    /// <inheritdoc/>
    public void Dispose() => _event.Dispose();
}
