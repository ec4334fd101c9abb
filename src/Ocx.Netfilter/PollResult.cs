namespace Ocx.Netfilter;

/// <summary>What <see cref="Poller"/> found.</summary>
[Flags]
public enum PollResult
{
    /// <summary>The time is over.</summary>
    None = 0,

    /// <summary>The queue has something to receive, or an error to tell.</summary>
    Queue = 1,

    /// <summary>The wake-up is set.</summary>
    Wake = 2,
}
