using System.Text.Json.Nodes;
using k8s.Models;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Ocx.Api;
using Ocx.Operator.Controllers;
using Ocx.Operator.Runtime;
using Ocx.Operator.Telemetry;

namespace Ocx.Operator.Tests;

public sealed class TapEventsTests
{
    [Theory]
    [InlineData("ApplyFailed", "Warning ApplyFailed")]
    [InlineData("PortConflict", "Warning PortConflict")]
    [InlineData("AgentsFailed", "Warning AgentFailed")]
    public async Task One_failure_is_one_event_and_a_warning(string reason, string told)
    {
        var events = new List<string>();
        await using var api = await LoopbackApi.StartAsync(async context =>
        {
            var news = await JsonNode.ParseAsync(context.Request.Body);
            events.Add($"{news!["type"]} {news["reason"]}");
            await context.Response.WriteAsJsonAsync(news);
        });
        var tell = new TapEvents(
            new EventRecorder(api.Kubernetes, NullLogger<EventRecorder>.Instance),
            new EventBudget(new OperatorMetrics(), TimeProvider.System),
            NullLogger<TapEvents>.Instance
        );
        var next = new V1Alpha1McpTapStatus
        {
            Conditions =
            [
                Condition("Ready", "False", reason),
                Condition("Progressing", "False", reason),
                Condition("Degraded", "True", reason),
            ],
            Nodes =
                reason == "AgentsFailed"
                    ?
                    [
                        new()
                        {
                            Node = "a",
                            Phase = NodePhase.Failed,
                            Message = "why",
                        },
                    ]
                    : null,
        };

        await tell.RecordChangesAsync(
            new V1Alpha1McpTap
            {
                Metadata = new V1ObjectMeta { Name = "mcp", Uid = "u" },
            },
            next,
            TestContext.Current.CancellationToken
        );

        Assert.Equal([told], events);

        static V1Condition Condition(string type, string status, string reason) =>
            new()
            {
                Type = type,
                Status = status,
                Reason = reason,
                Message = "why",
            };
    }
}
