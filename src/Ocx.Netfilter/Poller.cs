using Ocx.Netfilter.Interop;

namespace Ocx.Netfilter;

/// <summary>Waits for a queue, a wake-up or a time, whichever comes first (ppoll(2)).</summary>
/// <param name="queue">The queue. It stays open as long as this is used.</param>
/// <param name="wake">The wake-up. It stays open as long as this is used.</param>
public sealed unsafe class Poller(PacketQueue queue, WakeEvent wake)
{
    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>Waits.</summary>
    /// <param name="nanoseconds">The longest wait; nothing or less only looks.</param>
    /// <returns>What is there. A signal ends the wait early, with nothing.</returns>
    /// <exception cref="NetfilterException">The kernel refused.</exception>
    public PollResult Wait(long nanoseconds)
    {
        LibC.pollfd* descriptors = stackalloc LibC.pollfd[2];
        descriptors[0] = new LibC.pollfd { fd = queue.FileDescriptor, events = LibC.POLLIN };
        descriptors[1] = new LibC.pollfd { fd = wake.Descriptor, events = LibC.POLLIN };
        (long seconds, long rest) = Math.DivRem(Math.Max(0, nanoseconds), NanosecondsPerSecond);
        var timeout = new LibC.timespec { tv_sec = seconds, tv_nsec = rest };
        int ready = LibC.ppoll(descriptors, 2, &timeout, null);
        if (ready < 0)
        {
            NetfilterException failure = Ensure.LastError("wait for packets");
            return failure.Errno == LibC.EINTR ? PollResult.None : throw failure;
        }
        return (descriptors[0].revents != 0 ? PollResult.Queue : PollResult.None)
            | (descriptors[1].revents != 0 ? PollResult.Wake : PollResult.None);
    }
}
