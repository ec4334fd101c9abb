using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Ocx.Operator.Options;
using Ocx.Operator.Runtime;
using Ocx.Operator.Telemetry;

namespace Ocx.Operator.Tests;

public sealed class LeaderElectionTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_leader_that_is_stopped_while_it_renews_its_lease_gives_it_back()
    {
        JsonNode? lease = null;
        var renewing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var api = await LoopbackApi.StartAsync(async context =>
        {
            bool isPut = HttpMethods.IsPut(context.Request.Method);
            if (isPut && renewing.TrySetResult())
            {
                await Task.Delay(Timeout.Infinite, context.RequestAborted); // the first renewal gets no answer
            }

            if (isPut || HttpMethods.IsPost(context.Request.Method))
            {
                lease = await JsonNode.ParseAsync(context.Request.Body);
            }

            context.Response.StatusCode = lease is null ? StatusCodes.Status404NotFound : StatusCodes.Status200OK;
            await context.Response.WriteAsync(lease?.ToJsonString() ?? "{}");
        });
        var (options, leadership) = (new OperatorOptions(), new Leadership());
        var lifetime = new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance);
        using var service = new LeaderElectionService(
            api.Kubernetes,
            options,
            leadership,
            new OperatorMetrics(),
            new AbandonedLease(api.Kubernetes, options, NullLogger<AbandonedLease>.Instance) { HoldersArePods = false },
            lifetime,
            NullLogger<LeaderElectionService>.Instance
        );
        await service.StartAsync(Cancellation);
        await leadership.Acquired.WaitAsync(Cancellation);
        await renewing.Task.WaitAsync(Cancellation);
        await service.StopAsync(Cancellation);
        Assert.Equal("", (string?)lease!["spec"]!["holderIdentity"]);
        Assert.Equal(0, Environment.ExitCode);
        Assert.False(lifetime.ApplicationStopping.IsCancellationRequested);
    }
}
