using Grpc.Core;
using Ocx.Audit.Wire;
using Ocx.Auditor.Deciding;
using Status = Grpc.Core.Status;

namespace Ocx.Auditor.Intake;

/// <summary>
/// What agents report to, and gates ask: <c>ocx.audit.v1.Auditor</c> of src/Ocx.Audit.Wire/audit.proto.
/// </summary>
internal sealed class AuditorService(
    ICallerAccess access,
    AgentInstances instances,
    Judge judge,
    GateDoor gates,
    IHostApplicationLifetime life,
    ILogger<AuditorService> log
) : Audit.Wire.Auditor.AuditorBase
{
    /// <inheritdoc/>
    public override Task Report(
        IAsyncStreamReader<AgentMessage> requestStream,
        IServerStreamWriter<AuditorMessage> responseStream,
        ServerCallContext context
    ) =>
        RunAsync(
            Caller.Agent,
            context,
            async (node, cancellation) =>
            {
                AgentInstance agent = await GreetAsync(requestStream, node, cancellation);
                using var report = new AgentReport(agent, judge);
                await report.RunAsync(requestStream, responseStream, cancellation);
            }
        );

    /// <inheritdoc/>
    public override Task Hold(
        IAsyncStreamReader<GateMessage> requestStream,
        IServerStreamWriter<GateOrder> responseStream,
        ServerCallContext context
    ) =>
        RunAsync(
            Caller.Gate,
            context,
            async (node, cancellation) =>
            {
                string instance = await GreetAsync(requestStream, node, cancellation);
                using GateStream stream = gates.Open(instance, node ?? string.Empty);
                await stream.RunAsync(requestStream, responseStream, cancellation);
            }
        );

    private async Task RunAsync(Caller caller, ServerCallContext context, Func<string?, CancellationToken, Task> run)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(
            context.CancellationToken,
            life.ApplicationStopping
        );
        using var old = new CancellationTokenSource(access.LongestStream);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ends.Token, old.Token);
        try
        {
            string? node = await access.NodeOfAsync(context.GetHttpContext(), caller, either.Token);
            await run(node, either.Token);
        }
        catch (OperationCanceledException) when (ends.IsCancellationRequested)
        {
            // The caller has gone, or the auditor goes: what is not acknowledged or decided comes again.
        }
        catch (OperationCanceledException) when (old.IsCancellationRequested)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, AuditStreams.AuthenticateAgain));
        }
        catch (IOException gone) when (context.CancellationToken.IsCancellationRequested)
        {
            log.CallerGone(gone.Message);
        }
        catch (Exception wrong) when (wrong is not RpcException)
        {
            log.NotTaken(wrong);
            throw new RpcException(new Status(StatusCode.Unavailable, "the record could not be kept"));
        }
    }

    private async Task<AgentInstance> GreetAsync(
        IAsyncStreamReader<AgentMessage> messages,
        string? node,
        CancellationToken cancellation
    )
    {
        if (!await messages.MoveNext(cancellation) || messages.Current is not { Hello: { } hello, Sequence: 0 })
        {
            throw Refused(StatusCode.InvalidArgument, "the first message must be a hello");
        }

        Check(hello.Instance, hello.Node, node);
        return instances.Open(hello.Instance, node ?? string.Empty);
    }

    private static async Task<string> GreetAsync(
        IAsyncStreamReader<GateMessage> messages,
        string? node,
        CancellationToken cancellation
    )
    {
        if (!await messages.MoveNext(cancellation) || messages.Current is not { Hello: { } hello })
        {
            throw Refused(StatusCode.InvalidArgument, "the first message must be a hello");
        }

        Check(hello.Instance, hello.Node, node);
        return hello.Instance;
    }

    private static void Check(string instance, string says, string? node)
    {
        if (!IntentReader.IsHex(instance, AuditBounds.Instance))
        {
            throw Refused(StatusCode.InvalidArgument, "instance does not keep to its bounds");
        }

        if (node is not null && says != node)
        {
            throw Refused(StatusCode.PermissionDenied, $"the token is of a pod of node {node}, and of no other");
        }
    }

    private static RpcException Refused(StatusCode code, string why) => new(new Status(code, why));
}
