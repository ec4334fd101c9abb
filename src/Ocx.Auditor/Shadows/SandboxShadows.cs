using System.Globalization;
using System.Text.Json;
using Ocx.Audit.Rehearsals;
using Ocx.Auditor.Rehearsing;
using Ocx.Sandbox.Bundles;
using Ocx.Sandbox.Failures;
using Ocx.Sandbox.Limits;
using Ocx.Sandbox.Pooling;
using Ocx.Sandbox.Sandboxes;
using Ocx.State.Clones;

namespace Ocx.Auditor.Shadows;

/// <summary>The shadows of one audit's server: sandboxes of gVisor, each with clones of its databases.</summary>
internal sealed class SandboxShadows : IShadows
{
    // A server may connect to its clones when it starts, so that they are cut off from their sources by then. They must
    // not grow old.
    private static readonly TimeSpan s_oldest = TimeSpan.FromMinutes(1);

    private static readonly JsonElement s_noArguments = JsonElement.Parse("{}");

    private readonly List<(StateSource Source, ClonePool Pool)> _clones = [];
    private readonly List<CloneMaker> _makers;
    private readonly ShadowPool<ShadowClones> _pool;
    private readonly Lock _lock = new();
    private Task? _ending;

    /// <summary>Begins to make clones and shadows.</summary>
    /// <param name="terms">What the audit says.</param>
    /// <param name="machine">Where the sandboxes are.</param>
    /// <param name="makers">
    /// Make the clones, in the order of the audit's sources. They are this object's from now on.
    /// </param>
    /// <param name="log">Where failures are told.</param>
    public SandboxShadows(
        RehearsalTerms terms,
        SandboxMachine machine,
        IReadOnlyList<CloneMaker> makers,
        ILogger<SandboxShadows> log
    )
    {
        _makers = [.. makers];
        // A clone is made anew while the shadows that wait, and those that are at work, have theirs.
        var options = new ClonePoolOptions { Warm = 1, Most = (2 * terms.Warm) + 2 };
        foreach ((StateSource source, CloneMaker maker) in terms.State.Zip(makers))
        {
            _clones.Add((source, new ClonePool(maker, options)));
        }

        _pool = new ShadowPool<ShadowClones>(
            machine,
            new SandboxSpec
            {
                Command = terms.Command,
                Environment = terms.Environment,
                Endpoint = new UriBuilder("http", "127.0.0.1", terms.Port, terms.Path).Uri,
                Limits = new SandboxLimits { Memory = terms.Memory },
            },
            new ShadowPoolOptions { Warm = terms.Warm, OldestWarm = s_oldest },
            cancellation => ShadowClones.TakeAsync(_clones, cancellation),
            log
        );
    }

    /// <summary>Ends when all of it has, after <see cref="Dispose"/>.</summary>
    public Task Ended
    {
        get
        {
            lock (_lock)
            {
                return _ending ?? Task.CompletedTask;
            }
        }
    }

    /// <inheritdoc/>
    public ShadowSight Sight
    {
        get
        {
            ShadowPoolStatus shadows = _pool.Status;
            return new ShadowSight(
                shadows.Warm,
                [.. _clones.Select(one => SightOf(one.Source, one.Pool.Status))],
                shadows.Failure is { } failure ? $"the last shadow did not start: {failure}" : null
            );
        }
    }

    /// <inheritdoc/>
    public async Task<RehearsalEvidence> RehearseAsync(RehearsedCall call, CancellationToken cancellation)
    {
        Shadow<ShadowClones> shadow;
        try
        {
            shadow = await _pool.TakeAsync(cancellation);
        }
        catch (SandboxException wrong)
        {
            return RehearsalEvidence.None(
                wrong.Reason == SandboxFailures.Clones ? RehearsalFailure.NoClone : RehearsalFailure.NoShadow
            );
        }
        catch (ObjectDisposedException)
        {
            return RehearsalEvidence.None(RehearsalFailure.NoShadow);
        }

        try
        {
            return await CallAsync(shadow, call, cancellation);
        }
        catch (CloneException)
        {
            return RehearsalEvidence.None(RehearsalFailure.NoEffects);
        }
        finally
        {
            _pool.GiveBack(shadow);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _ending ??= Task.Run(EndAsync);
        }
    }

    private static async Task<RehearsalEvidence> CallAsync(
        Shadow<ShadowClones> shadow,
        RehearsedCall call,
        CancellationToken cancellation
    )
    {
        await shadow.Clones.BeginAsync(cancellation);
        DateTimeOffset called = DateTimeOffset.UtcNow;
        RehearsalEvidence evidence = await shadow.Server.CallAsync(
            new SandboxCall
            {
                Tool = call.Tool,
                Arguments = call.Arguments.IsEmpty ? s_noArguments : JsonElement.Parse(call.Arguments.Span),
                Revision = call.ProtocolVersion.Length > 0 ? call.ProtocolVersion : null,
                Timeout = Timeout.InfiniteTimeSpan,
            },
            cancellation
        );
        if (!evidence.IsWhole)
        {
            // A jury has its own names, which are those of outcomes.
            return evidence with { Failure = RehearsalFailure.Of(evidence.Outcome) ?? RehearsalFailure.Error };
        }

        IReadOnlyList<StateEffects> state = await shadow.Clones.ReadEffectsAsync(called, cancellation);
        return evidence with { Effects = evidence.Effects with { State = state.Count > 0 ? state : null } };
    }

    private static CloneSight SightOf(StateSource source, ClonePoolStatus status) =>
        new(
            source.Name,
            status.Warm,
            status.Lag ?? TimeSpan.Zero,
            status.Failure is { } failure
                ? string.Create(CultureInfo.InvariantCulture, $"{failure}: {status.Message}")
                : null
        );

    private async Task EndAsync()
    {
        await _pool.DisposeAsync();
        foreach ((_, ClonePool pool) in _clones)
        {
            await pool.DisposeAsync();
        }

        foreach (CloneMaker maker in _makers)
        {
            await maker.DisposeAsync();
        }
    }
}
