using System.Threading.Channels;
using Grpc.Core;
using Ocx.Audit.Wire;
using Ocx.Auditor.Deciding;
using Status = Grpc.Core.Status;

namespace Ocx.Auditor.Intake;

/// <summary>
/// One agent's stream. Calls are judged side by side, and acknowledged in their order when their records are in the
/// ledger. No more of them are taken at once than <see cref="MostUnderWay"/>: beyond that the stream stands still, and
/// the agent counts what it has to give up.
/// </summary>
internal sealed class AgentReport(string instance, Judge judge, AuditorMetrics metrics)
{
    /// <summary>How many of an agent's messages wait for their records at once.</summary>
    public const int MostUnderWay = 1024;

    private readonly Channel<(ulong Sequence, Task Taken)> _taken = Channel.CreateBounded<(ulong, Task)>(
        new BoundedChannelOptions(MostUnderWay) { SingleReader = true, SingleWriter = true }
    );
    private readonly Dictionary<LostReason, double> _lost = [];

    /// <summary>Runs until the agent ends the stream.</summary>
    /// <exception cref="RpcException">The agent does not keep to the contract, or the ledger takes nothing.</exception>
    public async Task RunAsync(
        IAsyncStreamReader<AgentMessage> messages,
        IServerStreamWriter<AuditorMessage> answers,
        CancellationToken cancellation
    )
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task acknowledging = AcknowledgeAsync(answers, ends.Token);
        Task<RpcException?> taking = TakeAllAsync(messages, ends.Token);
        try
        {
            // A ledger that takes nothing ends the stream, whether the agent says more or not.
            if (await Task.WhenAny(taking, acknowledging) == acknowledging)
            {
                await acknowledging;
            }

            RpcException? wrong = await taking;
            _taken.Writer.Complete();
            await acknowledging;
            if (wrong is not null)
            {
                throw wrong;
            }
        }
        finally
        {
            await ends.CancelAsync();
            await ((Task)taking).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await acknowledging.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // What does not keep to the contract ends the stream, once all before it is acknowledged.
    private async Task<RpcException?> TakeAllAsync(
        IAsyncStreamReader<AgentMessage> messages,
        CancellationToken cancellation
    )
    {
        ulong? last = null;
        while (await messages.MoveNext(cancellation))
        {
            AgentMessage message = messages.Current;
            try
            {
                if (message.Sequence == 0 || (last is { } before && message.Sequence != before + 1))
                {
                    throw new FormatException("sequence does not follow");
                }

                last = message.Sequence;
                await _taken.Writer.WriteAsync((message.Sequence, Take(message)), cancellation);
            }
            catch (FormatException wrong)
            {
                return new RpcException(new Status(StatusCode.InvalidArgument, wrong.Message));
            }
        }

        return null;
    }

    private Task Take(AgentMessage message)
    {
        switch (message.BodyCase)
        {
            case AgentMessage.BodyOneofCase.Opened:
                return judge.TakeAsync(IntentReader.Read(message.Opened, instance));
            case AgentMessage.BodyOneofCase.Lost:
                Note(message.Lost);
                break;
            case AgentMessage.BodyOneofCase.Answering or AgentMessage.BodyOneofCase.Closed:
                break; // they are for who holds calls; a verdict does not wait for them
            default:
                throw new FormatException("body is none that is known here");
        }

        return Task.CompletedTask;
    }

    // The agent's counts are of its whole life, and a stream may be its second.
    private void Note(Lost lost)
    {
        foreach (LostCount count in lost.Counts)
        {
            double messages = (double)count.Opened + count.Answering + count.Closed;
            double more = messages - _lost.GetValueOrDefault(count.Reason);
            _lost[count.Reason] = messages;
            if (more > 0)
            {
                metrics.Lost(count.Reason == LostReason.Full ? "full" : "refused", more);
            }
        }
    }

    private async Task AcknowledgeAsync(IServerStreamWriter<AuditorMessage> answers, CancellationToken cancellation)
    {
        await WriteAsync(answers, 0, cancellation);
        while (await _taken.Reader.WaitToReadAsync(cancellation))
        {
            ulong through = 0;
            while (_taken.Reader.TryPeek(out (ulong Sequence, Task Taken) next))
            {
                // What is done already is acknowledged together; then the next is waited for.
                if (!next.Taken.IsCompleted && through > 0)
                {
                    break;
                }

                await next.Taken.WaitAsync(cancellation);
                through = next.Sequence;
                _taken.Reader.TryRead(out _);
            }

            await WriteAsync(answers, through, cancellation);
        }
    }

    private static Task WriteAsync(
        IServerStreamWriter<AuditorMessage> answers,
        ulong through,
        CancellationToken cancellation
    ) =>
        answers.WriteAsync(
            new AuditorMessage { Acknowledgement = new Acknowledgement { Through = through } },
            cancellation
        );
}
