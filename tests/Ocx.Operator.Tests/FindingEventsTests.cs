using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using k8s.Models;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Ocx.Api;
using Ocx.Operator.Controllers;
using Ocx.Operator.Runtime;
using Ocx.Operator.Status;
using Ocx.Operator.Telemetry;

namespace Ocx.Operator.Tests;

public sealed class FindingEventsTests
{
    private static readonly DateTime s_now = new(2026, 1, 21, 14, 15, 30, DateTimeKind.Utc);

    [Fact]
    public async Task An_agent_that_invents_findings_neither_uses_up_the_events_of_others_nor_forges_a_line()
    {
        var messages = new ConcurrentQueue<string>();
        await using var api = await LoopbackApi.StartAsync(async context =>
        {
            var news = await JsonNode.ParseAsync(context.Request.Body);
            messages.Enqueue(news!["message"]!.GetValue<string>());
            context.Response.StatusCode = StatusCodes.Status201Created;
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(news.ToJsonString());
        });
        var metrics = new OperatorMetrics();
        var findings = new FindingEvents(
            new EventRecorder(api.Kubernetes, NullLogger<EventRecorder>.Instance),
            new EventBudget(metrics, TimeProvider.System)
        );
        var tap = new V1Alpha1McpTap
        {
            Metadata = new V1ObjectMeta { Name = "mcp", Uid = "tap" },
        };
        for (var pass = 0; pass < 30; pass++)
        {
            var seen = new TapObservation
            {
                Tap = tap,
                Interval = TimeSpan.FromSeconds(10),
                Now = s_now,
                Reports =
                [
                    Report(
                        "loud",
                        Enumerable
                            .Range(10 * pass, 10)
                            .Select(number => $"invented {number}\n\u001b[31mnode-b: {number}")
                    ),
                    Report("quiet", ["true"]),
                    Report("late", pass < 29 ? [] : ["invented 0\n\u001b[31mnode-b: 0", "late"]),
                ],
            };
            await findings.RecordAsync(tap, seen, TestContext.Current.CancellationToken);
        }

        // Of what the loud one invented: 25. That another node saw the first of them too makes no second event.
        Assert.Equal(27, messages.Count);
        Assert.Single(messages, message => message == "server: true");
        Assert.Single(messages, message => message == "server: late");
        Assert.All(messages, message => Assert.DoesNotContain(message, char.IsControl));
    }

    private static V1Alpha1McpTapReport Report(string node, IEnumerable<string> messages) =>
        ReportIntake
            .Take(
                new V1Alpha1McpTapReport
                {
                    Metadata = new V1ObjectMeta { Name = $"mcp.{node}", Uid = node },
                    Spec = new V1Alpha1McpTapReportSpec { Tap = "mcp", Node = node },
                    Status = new V1Alpha1McpTapReportStatus
                    {
                        LastReportTime = s_now,
                        Findings =
                        [
                            .. messages.Select(message => new Finding
                            {
                                Kind = FindingKind.ToolsChanged,
                                Server = "server",
                                Message = message,
                                LastSeen = s_now,
                            }),
                        ],
                    },
                },
                s_now
            )
            .Taken!;
}
