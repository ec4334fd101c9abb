using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Ocx.Operator.Options;
using Ocx.Operator.Runtime;

namespace Ocx.Operator.Tests;

public sealed class AbandonedLeaseTests
{
    [Theory]
    [InlineData("old-7f_1", 30, false, true, "")]
    [InlineData("old-7f_1", 1, false, true, "")]
    [InlineData("old-7f_1", 30, true, true, "old-7f_1")]
    [InlineData("old-7f_1", 30, false, false, "old-7f_1")]
    [InlineData("", 30, false, true, "")]
    public async Task A_lease_is_free_when_its_holders_pod_is_gone_and_has_been_silent_for_a_while(
        string holder,
        int secondsSilent,
        bool hasPod,
        bool inPods,
        string holderAfterwards
    )
    {
        var renewed = DateTime.UtcNow.AddSeconds(-secondsSilent).ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", null);
        JsonNode lease = JsonNode.Parse(
            $$"""
            {"metadata":{"name":"ocx-operator","resourceVersion":"7"},
             "spec":{"holderIdentity":"{{holder}}","leaseDurationSeconds":10,"renewTime":"{{renewed}}"} }
            """
        )!;
        await using var api = await LoopbackApi.StartAsync(async context =>
        {
            var isLease = context.Request.Path.Value!.EndsWith("/leases/ocx-operator", StringComparison.Ordinal);
            if (HttpMethods.IsPut(context.Request.Method))
            {
                lease = (await JsonNode.ParseAsync(context.Request.Body))!;
                Assert.Equal("7", (string?)lease["metadata"]!["resourceVersion"]);
            }

            var pods = hasPod ? """{"items":[{"metadata":{"name":"old-7f"}}]}""" : """{"items":[]}""";
            await context.Response.WriteAsync(isLease ? lease.ToJsonString() : pods);
        });

        await new AbandonedLease(api.Kubernetes, new OperatorOptions(), NullLogger<AbandonedLease>.Instance)
        {
            HoldersArePods = inPods,
        }.FreeAsync(TestContext.Current.CancellationToken);

        Assert.Equal(holderAfterwards, (string?)lease["spec"]!["holderIdentity"]);
    }
}
