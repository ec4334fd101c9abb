using System.Threading.Channels;
using Grpc.Core;
using Ocx.Audit.Wire;
using Ocx.Auditor.Deciding;
using Status = Grpc.Core.Status;

namespace Ocx.Auditor.Intake;

/// <summary>
/// One agent's stream. Calls are judged side by side, and acknowledged in their order when their records are in the
/// ledger: a jury that takes long holds up the acknowledgements behind it, and no verdict. No more of them are taken at
/// once than <see cref="MostUnderWay"/> and <see cref="MostBytes"/>: beyond that the stream stands still, and the agent
/// counts what it has to give up.
/// </summary>
internal sealed class AgentReport(AgentInstance agent, Judge judge) : IDisposable
{
    /// <summary>How many of an agent's messages wait for their records at once.</summary>
    public const int MostUnderWay = 8192;

    /// <summary>How many bytes such messages have at once, but for the last of them.</summary>
    public const int MostBytes = 16 << 20;

    private readonly Channel<(ulong Sequence, int Bytes, Task Taken)> _taken = Channel.CreateBounded<(
        ulong,
        int,
        Task
    )>(new BoundedChannelOptions(MostUnderWay) { SingleReader = true, SingleWriter = true });
    private readonly SemaphoreSlim _room = new(0);
    private int _bytes;

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
                int bytes = message.CalculateSize();
                await RoomAsync(bytes, cancellation);
                await _taken.Writer.WriteAsync((message.Sequence, bytes, Take(message)), cancellation);
            }
            catch (FormatException wrong)
            {
                return new RpcException(new Status(StatusCode.InvalidArgument, wrong.Message));
            }
        }

        return null;
    }

    private async Task RoomAsync(int bytes, CancellationToken cancellation)
    {
        while (Volatile.Read(ref _bytes) > MostBytes)
        {
            await _room.WaitAsync(cancellation);
        }

        Interlocked.Add(ref _bytes, bytes);
    }

    private Task Take(AgentMessage message)
    {
        switch (message.BodyCase)
        {
            case AgentMessage.BodyOneofCase.Opened:
                return judge.TakeAsync(IntentReader.Read(message.Opened, agent.Name), agent.Node);
            case AgentMessage.BodyOneofCase.Lost:
                agent.Note(message.Lost);
                break;
            case AgentMessage.BodyOneofCase.Answering or AgentMessage.BodyOneofCase.Closed:
                break; // they are for who holds calls; a verdict does not wait for them
            default:
                throw new FormatException("body is none that is known here");
        }

        return Task.CompletedTask;
    }

    private async Task AcknowledgeAsync(IServerStreamWriter<AuditorMessage> answers, CancellationToken cancellation)
    {
        await WriteAsync(answers, 0, cancellation);
        while (await _taken.Reader.WaitToReadAsync(cancellation))
        {
            ulong through = 0;
            while (_taken.Reader.TryPeek(out (ulong Sequence, int Bytes, Task Taken) next))
            {
                // What is done already is acknowledged together; then the next is waited for.
                if (!next.Taken.IsCompleted && through > 0)
                {
                    break;
                }

                await next.Taken.WaitAsync(cancellation);
                through = next.Sequence;
                _taken.Reader.TryRead(out _);
                Interlocked.Add(ref _bytes, -next.Bytes);
                Leave();
            }

            await WriteAsync(answers, through, cancellation);
        }
    }

    private void Leave()
    {
        if (_room.CurrentCount == 0)
        {
            _room.Release();
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

    /// <inheritdoc/>
    public void Dispose() => _room.Dispose();
}
