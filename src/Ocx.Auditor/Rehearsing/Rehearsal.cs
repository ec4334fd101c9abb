using System.Collections.Concurrent;
using System.Security.Cryptography;
using Ocx.Audit.Classes;
using Ocx.Audit.Intents;
using Ocx.Audit.Jury;
using Ocx.Audit.Rehearsals;
using Ocx.Text;

namespace Ocx.Auditor.Rehearsing;

/// <summary>
/// Has an audit's calls rehearsed. What cannot be rehearsed as it was sent is not rehearsed in another form. For any
/// thread.
/// </summary>
/// <param name="shadows">Who rehearses; null where nobody does: each rehearsal fails then.</param>
/// <param name="mask">Masks evidence before anybody sees it.</param>
internal sealed class Rehearsal(IShadows? shadows, Func<RehearsalEvidence, RehearsalEvidence> mask) : IDisposable
{
    // Each may hold arguments of 1 MiB, and waits for a shadow.
    private const int MostUnderWay = 64;

    // Jurors have a quarter of the jury's time for what it showed.
    private const double Share = 0.75;

    private readonly ConcurrentDictionary<string, long> _failures = new(StringComparer.Ordinal);
    private long _total;
    private int _underWay;

    /// <summary>The classes of calls that are rehearsed.</summary>
    public IReadOnlySet<CallClass> Classes { get; init; } = new HashSet<CallClass> { CallClass.Irreversible };

    /// <summary>Their tools; empty for all.</summary>
    public IReadOnlyList<Glob> Tools { get; init; } = [];

    /// <summary>How long a rehearsal may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The vote of one that fails.</summary>
    public Ballot OnFailure { get; init; } = Ballot.Hold;

    /// <summary>How the shadows stand; null where there are none.</summary>
    public ShadowSight? Sight => shadows?.Sight;

    /// <summary>Calls that were to be rehearsed.</summary>
    public long Total => Volatile.Read(ref _total);

    /// <summary>Those that did not come to their end, by reason, the most frequent first.</summary>
    public IReadOnlyList<(string Reason, long Count)> Failures =>
        [
            .. _failures
                .Select(one => (Reason: one.Key, Count: one.Value))
                .OrderByDescending(one => one.Count)
                .ThenBy(one => one.Reason, StringComparer.Ordinal),
        ];

    /// <summary>The rehearsal of a call, as its jury has it.</summary>
    /// <param name="intent">The call with its class, and its arguments not masked by the audit.</param>
    /// <param name="deadline">The jury's.</param>
    /// <returns>Null of a call that is not to be rehearsed.</returns>
    public CallRehearsal? Of(Intent intent, TimeSpan deadline)
    {
        ArgumentNullException.ThrowIfNull(intent);
        return Classes.Contains(intent.Class) && (Tools.Count == 0 || Tools.Any(tool => tool.IsMatch(intent.Tool)))
            ? new CallRehearsal(
                cancellation => RehearseAsync(intent, cancellation),
                Timeout < deadline * Share ? Timeout : deadline * Share,
                OnFailure
            )
            : null;
    }

    /// <summary>Counts a call that was to be rehearsed. One that nobody waited for has not failed.</summary>
    public void Count(RehearsalSummary summary)
    {
        ArgumentNullException.ThrowIfNull(summary);
        Interlocked.Increment(ref _total);
        if (summary.Failure is { } failure and not RehearsalFailure.NotWaitedFor)
        {
            _failures.AddOrUpdate(RehearsalFailure.KindOf(failure), 1, (_, count) => count + 1);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => shadows?.Dispose();

    private async Task<RehearsalEvidence> RehearseAsync(Intent intent, CancellationToken cancellation)
    {
        if (shadows is null)
        {
            return RehearsalEvidence.None(RehearsalFailure.NotCarriedOut);
        }

        if (intent.Method != "tools/call")
        {
            return RehearsalEvidence.None(RehearsalFailure.NoToolCall);
        }

        if (!IsExact(intent))
        {
            return RehearsalEvidence.None(RehearsalFailure.ArgumentsNotExact);
        }

        // A shadow that ignores its token counts as long as it is at it.
        try
        {
            return Interlocked.Increment(ref _underWay) > MostUnderWay
                ? RehearsalEvidence.None(RehearsalFailure.Busy)
                : mask(
                    BoundedEvidence.Of(
                        await shadows.RehearseAsync(
                            new RehearsedCall(intent.Tool, intent.Arguments, intent.ProtocolVersion),
                            cancellation
                        )
                    )
                );
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }
    }

    // An agent masks credentials: what it told of the arguments has another digest then.
    private static bool IsExact(Intent intent)
    {
        Span<byte> digest = stackalloc byte[CanonicalJson.DigestLength];
        return intent is { ArgumentsComplete: true, ArgumentsDigest.Length: > 0 }
            && (
                intent.Arguments.IsEmpty
                    ? SHA256.TryHashData([], digest, out _)
                    : CanonicalJson.TryDigest(intent.Arguments.Span, digest)
            )
            && Convert.ToHexStringLower(digest) == intent.ArgumentsDigest;
    }
}
