using Grpc.Core;
using Microsoft.Extensions.Logging;
using Ocx.Audit.Link;
using Ocx.Audit.Wire;

namespace Ocx.NodeAgent.Auditing;

/// <summary>Sends what is in the queue. What is not acknowledged when the stream breaks is sent again.</summary>
internal sealed class AuditorLink(AuditorEndpoint auditor, Hello hello, AuditQueue queue, ILogger logger)
    : AuditorConnection<AgentMessage, AuditorMessage>(auditor, LargestMessage, logger)
{
    private const int LargestMessage = 4096; // acknowledgements
    private const string NotSent = "it acknowledged what was not sent";

    private static readonly WriteOptions s_more = new(WriteFlags.BufferHint);

    protected override AgentMessage Greeting => new() { Hello = hello };

    protected override AsyncDuplexStreamingCall<AgentMessage, AuditorMessage> Open(
        Audit.Wire.Auditor.AuditorClient client,
        Metadata headers,
        CancellationToken cancellation
    ) => client.Report(headers, cancellationToken: cancellation);

    protected override void OnGreeted(AuditorMessage answer)
    {
        if (answer.Acknowledgement is not { Through: 0 })
        {
            throw new IOException(NotSent);
        }
    }

    protected override void OnUp()
    {
        Logger.AuditorReached(Auditor.Address);
        queue.Rewind();
    }

    protected override void OnDown() { }

    protected override async Task WriteAsync(IClientStreamWriter<AgentMessage> stream, CancellationToken cancellation)
    {
        while (true)
        {
            while (queue.Next(out bool isLast) is { } message)
            {
                // Those that wait together go together.
                stream.WriteOptions = isLast ? null : s_more;
                await stream.WriteAsync(message, cancellation).ConfigureAwait(false);
            }

            await queue.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    protected override void OnMessage(AuditorMessage message)
    {
        if (message.Acknowledgement is not { } taken)
        {
            return; // of a later version
        }

        if (!queue.Acknowledge(taken.Through))
        {
            throw new IOException(NotSent);
        }

        if (taken.Through > 0)
        {
            Worked();
        }
    }

    protected override void OnRefused(string reason)
    {
        if (queue.Refuse())
        {
            Logger.MessageRefused(reason);
        }
    }
}
