using System.Threading.Channels;
using Grpc.Core;
using Ocx.Audit.Intents;
using Ocx.Audit.Ledger;
using Ocx.Audit.Wire;
using Ocx.Auditor.Deciding;
using Status = Grpc.Core.Status;

namespace Ocx.Auditor.Intake;

/// <summary>
/// One gate's stream. It has its rules at once and whenever they change, and a verdict on each call, in whatever order
/// they are found: a call that waits delays no other. Beyond <see cref="MostUnderWay"/> calls, or <see
/// cref="MostBytes"/> of those that juries look at, the stream stands still, and the gate does what its audits say.
/// </summary>
/// <param name="gate">Who speaks.</param>
/// <param name="book">Has the rules.</param>
/// <param name="judge">Decides.</param>
/// <param name="tally">Counts what the gate tells of its holds.</param>
/// <param name="gates">Knows which gates are there.</param>
/// <param name="pods">Knows which pods are gated.</param>
/// <param name="metrics">Counts.</param>
internal sealed class GateStream(
    GateInstance gate,
    GateRulesBook book,
    HoldJudge judge,
    HoldTally tally,
    ConnectedGates gates,
    GatedPods pods,
    AuditorMetrics metrics
) : IDisposable
{
    /// <summary>How many of a gate's calls have no verdict on its way yet.</summary>
    public const int MostUnderWay = 8192;

    /// <summary>How many bytes such calls have at once, but for the last of them.</summary>
    public const int MostBytes = 64 << 20;

    private readonly Channel<GateVerdict> _verdicts = Channel.CreateBounded<GateVerdict>(
        new BoundedChannelOptions(MostUnderWay) { SingleReader = true }
    );
    private readonly Channel<byte> _changed = Channel.CreateBounded<byte>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _room = new(0);
    private readonly ToldVerdicts _told = new();
    private volatile IReadOnlyDictionary<string, AuditReference> _audits = new Dictionary<string, AuditReference>();
    private int _underWay;
    private long _bytes;

    /// <summary>Runs until the gate ends the stream.</summary>
    /// <exception cref="RpcException">The gate does not keep to the contract.</exception>
    public async Task RunAsync(
        IAsyncStreamReader<GateMessage> messages,
        IServerStreamWriter<GateOrder> orders,
        CancellationToken cancellation
    )
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using IDisposable following = book.Follow(gate.Node, () => _changed.Writer.TryWrite(0));
        Task telling = TellAsync(orders, ends.Token),
            taking = TakeAllAsync(messages, ends.Token);
        try
        {
            // A verdict that cannot be had ends the stream: the call is asked about again.
            await await Task.WhenAny(telling, taking, _failed.Task);
        }
        finally
        {
            await ends.CancelAsync();
            await telling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await taking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task TakeAllAsync(IAsyncStreamReader<GateMessage> messages, CancellationToken cancellation)
    {
        while (await messages.MoveNext(cancellation))
        {
            try
            {
                await TakeAsync(messages.Current, cancellation);
            }
            catch (FormatException wrong)
            {
                throw new RpcException(new Status(StatusCode.InvalidArgument, wrong.Message));
            }
        }
    }

    private async ValueTask TakeAsync(GateMessage message, CancellationToken cancellation)
    {
        switch (message.BodyCase)
        {
            case GateMessage.BodyOneofCase.Opened:
                Intent intent = IntentReader.Read(message.Opened, gate.Name);
                int bytes = message.CalculateSize();
                await RoomAsync(bytes, cancellation);
                _ = DecideAsync(intent, bytes);
                break;
            case GateMessage.BodyOneofCase.Ended:
                End(message.Ended);
                break;
            case GateMessage.BodyOneofCase.Counts:
                Note(message.Counts);
                break;
            case GateMessage.BodyOneofCase.Pods:
                Note(message.Pods);
                break;
            default:
                throw new FormatException("body is none that is known here");
        }
    }

    private void End(GateEnded ended)
    {
        string key = IntentReader.Key(ended.Key, gate.Name);
        if (!Enum.IsDefined(ended.Held) || !Enum.IsDefined(ended.End) || !Enum.IsDefined(ended.Failure))
        {
            throw new FormatException("held, end or failure is none that is known here");
        }

        judge.End(key, gate.Node);
        if (_told.Take(key) is { } audit && ended.Held != GateHeld.Nothing)
        {
            tally.Ended(audit, TimeSpan.FromTicks((long)Math.Min(ended.HeldNs / 100, (ulong)TimeSpan.TicksPerDay)));
        }
    }

    // Of audits that are not this gate's, or not any more, nothing is counted.
    private void Note(GateCounts counts)
    {
        foreach (GateAuditCounts of in counts.Audits)
        {
            if (of.Failures.Any(count => count.Failure == GateFailure.Unspecified || !Enum.IsDefined(count.Failure)))
            {
                throw new FormatException("failure is none that is known here");
            }

            if (_audits.TryGetValue(of.Audit, out AuditReference audit))
            {
                gate.Note(audit, of);
            }
        }
    }

    private void Note(GatePods gated)
    {
        if (gated.Uids.Count > AuditBounds.GatedPods || gated.Uids.Any(uid => uid.Length is 0 or > AuditBounds.Uid))
        {
            throw new FormatException("the pods do not keep to their bounds");
        }

        pods.Set(gate.Node, gated.Uids);
    }

    private async Task RoomAsync(int bytes, CancellationToken cancellation)
    {
        while (Volatile.Read(ref _underWay) >= MostUnderWay || Volatile.Read(ref _bytes) > MostBytes)
        {
            await _room.WaitAsync(cancellation);
        }

        Interlocked.Increment(ref _underWay);
        Interlocked.Add(ref _bytes, bytes);
    }

    // Goes on when the stream has ended: the call is asked about again, and its decision is there then.
    private async Task DecideAsync(Intent intent, int bytes)
    {
        int kept = bytes;
        try
        {
            string key = intent.Key;
            Hold hold = judge.Take(intent, gate.Node);
            Task<Decision> deciding = hold.Decision;
            await hold.Judged;
            kept = 0;
            Release(bytes);
            Decision decision = await deciding;
            _told.Add(key, decision.Audit);
            _verdicts.Writer.TryWrite(GateVerdicts.Of(key, decision));
        }
#pragma warning disable CA1031 // Whatever it is, the stream ends with it.
        catch (Exception wrong)
#pragma warning restore CA1031
        {
            _failed.TrySetException(wrong);
            _ = _failed.Task.Exception;
        }
        finally
        {
            Release(kept);
        }
    }

    private void Release(int bytes)
    {
        Interlocked.Add(ref _bytes, -bytes);
        Leave();
    }

    private async Task TellAsync(IServerStreamWriter<GateOrder> orders, CancellationToken cancellation)
    {
        GateRules rules = RulesOf();
        await orders.WriteAsync(new GateOrder { Rules = rules }, cancellation);
        using IDisposable connected = metrics.GateConnected();
        using IDisposable stay = gates.Enter(gate.Node);
        Task<bool> changed = _changed.Reader.WaitToReadAsync(cancellation).AsTask(),
            verdict = _verdicts.Reader.WaitToReadAsync(cancellation).AsTask();
        while (true)
        {
            await await Task.WhenAny(changed, verdict);
            if (changed.IsCompleted)
            {
                _changed.Reader.TryRead(out _);
                rules = await TellAsync(orders, rules, cancellation);
                changed = _changed.Reader.WaitToReadAsync(cancellation).AsTask();
            }

            if (verdict.IsCompleted)
            {
                while (_verdicts.Reader.TryRead(out GateVerdict? next))
                {
                    await orders.WriteAsync(new GateOrder { Verdict = next }, cancellation);
                    Interlocked.Decrement(ref _underWay);
                    Leave();
                }

                verdict = _verdicts.Reader.WaitToReadAsync(cancellation).AsTask();
            }
        }
    }

    // Pods change for many reasons that are none of a gate's.
    private async Task<GateRules> TellAsync(
        IServerStreamWriter<GateOrder> orders,
        GateRules before,
        CancellationToken cancellation
    )
    {
        GateRules rules = RulesOf();
        if (!rules.Equals(before))
        {
            await orders.WriteAsync(new GateOrder { Rules = rules }, cancellation);
        }

        return rules;
    }

    private GateRules RulesOf()
    {
        (GateRules rules, _audits) = book.Of(gate.Node);
        return rules;
    }

    private void Leave()
    {
        if (_room.CurrentCount == 0)
        {
            _room.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _room.Dispose();
}
