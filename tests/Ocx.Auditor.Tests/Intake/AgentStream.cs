using Grpc.Core;
using Ocx.Audit.Wire;

namespace Ocx.Auditor.Tests.Intake;

/// <summary>An agent's stream to the auditor, message by message.</summary>
internal sealed class AgentStream : IDisposable
{
    private readonly AsyncDuplexStreamingCall<AgentMessage, AuditorMessage> _call;
    private readonly Task _reading;
    private ulong _through = ulong.MaxValue;

    private AgentStream(AsyncDuplexStreamingCall<AgentMessage, AuditorMessage> call)
    {
        _call = call;
        _reading = ReadAsync();
    }

    /// <summary>What is acknowledged.</summary>
    public ulong Through => Volatile.Read(ref _through);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<AgentStream> OpenAsync(Audit.Wire.Auditor.AuditorClient client)
    {
        var stream = new AgentStream(client.Report(cancellationToken: Cancellation));
        await stream.SendAsync(
            0,
            new AgentMessage
            {
                Hello = new Hello
                {
                    Instance = "0123456789abcdef",
                    Node = "n",
                    Version = "0.1.0",
                },
            }
        );
        await stream.AcknowledgedAsync(0);
        return stream;
    }

    public Task SendAsync(ulong sequence, AgentMessage message)
    {
        message.Sequence = sequence;
        return _call.RequestStream.WriteAsync(message, Cancellation);
    }

    public Task AcknowledgedAsync(ulong through) =>
        Wait.UntilAsync(
            () =>
            {
                if (_reading.IsFaulted)
                {
                    _reading.GetAwaiter().GetResult();
                }

                return Through != ulong.MaxValue && Through >= through;
            },
            Cancellation
        );

    /// <summary>Why the auditor ended it.</summary>
    public Task<RpcException> EndedAsync() => Assert.ThrowsAsync<RpcException>(() => _reading);

    public void Dispose() => _call.Dispose();

    private async Task ReadAsync()
    {
        while (await _call.ResponseStream.MoveNext(Cancellation))
        {
            Volatile.Write(ref _through, _call.ResponseStream.Current.Acknowledgement.Through);
        }
    }
}
