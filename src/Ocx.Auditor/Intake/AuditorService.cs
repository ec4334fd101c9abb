using Grpc.Core;
using Ocx.Audit.Wire;
using Ocx.Auditor.Deciding;
using Status = Grpc.Core.Status;

namespace Ocx.Auditor.Intake;

/// <summary>What agents report to: <c>ocx.audit.v1.Auditor</c> of src/Ocx.Audit.Wire/audit.proto.</summary>
internal sealed class AuditorService(
    Judge judge,
    AuditorMetrics metrics,
    IHostApplicationLifetime life,
    ILogger<AuditorService> log
) : Audit.Wire.Auditor.AuditorBase
{
    /// <inheritdoc/>
    public override async Task Report(
        IAsyncStreamReader<AgentMessage> requestStream,
        IServerStreamWriter<AuditorMessage> responseStream,
        ServerCallContext context
    )
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(
            context.CancellationToken,
            life.ApplicationStopping
        );
        try
        {
            await ReportAsync(requestStream, responseStream, ends.Token);
        }
        catch (OperationCanceledException) when (ends.IsCancellationRequested)
        {
            // The agent has gone, or the auditor goes: what is not acknowledged comes again.
        }
        catch (IOException gone) when (context.CancellationToken.IsCancellationRequested)
        {
            log.AgentGone(gone.Message);
        }
        catch (Exception wrong) when (wrong is not RpcException)
        {
            log.NotTaken(wrong);
            throw new RpcException(new Status(StatusCode.Unavailable, "the record could not be kept"));
        }
    }

    private async Task ReportAsync(
        IAsyncStreamReader<AgentMessage> messages,
        IServerStreamWriter<AuditorMessage> answers,
        CancellationToken cancellation
    )
    {
        if (!await messages.MoveNext(cancellation) || messages.Current is not { Hello: { } hello, Sequence: 0 })
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, "the first message must be a hello"));
        }

        if (!IntentReader.IsHex(hello.Instance, AuditBounds.Instance))
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, "instance does not keep to its bounds"));
        }

        await new AgentReport(hello.Instance, judge, metrics).RunAsync(messages, answers, cancellation);
    }
}
