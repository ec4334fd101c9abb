using System.Globalization;
using System.Text.Json.Nodes;
using k8s.Models;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Ocx.Api;
using Ocx.Operator.Controllers;
using Ocx.Operator.Options;
using Ocx.Operator.Runtime;
using Ocx.Operator.Telemetry;

namespace Ocx.Operator.Tests;

public sealed class RefusalEventsTests
{
    [Fact]
    public async Task Of_an_audit_they_are_told_once_a_minute_with_their_number()
    {
        await using var operation = await Operation.StartAsync();

        // What was refused before is told already.
        Assert.Null(await operation.SeenAsync(5));
        Assert.Empty(operation.Told);

        Assert.Null(await operation.SeenAsync(6));
        Assert.StartsWith("Refused: 1 call was refused. ", Assert.Single(operation.Told), StringComparison.Ordinal);
        operation.Time.Now += TimeSpan.FromSeconds(20);
        Assert.Equal(TimeSpan.FromSeconds(40), await operation.SeenAsync(7));
        Assert.Equal(TimeSpan.FromSeconds(40), await operation.SeenAsync(9));
        Assert.Single(operation.Told);
        operation.Time.Now += TimeSpan.FromSeconds(40);
        Assert.Null(await operation.SeenAsync(9));
        Assert.StartsWith("Refused: 3 calls were refused. ", operation.Told[1], StringComparison.Ordinal);
        Assert.Null(await operation.SeenAsync(9));

        // One of the same name that is made anew begins at zero; in mode Observe nothing is refused.
        Assert.Null(await operation.SeenAsync(12, uid: "another"));
        operation.Time.Now += TimeSpan.FromMinutes(2);
        Assert.Null(await operation.SeenAsync(20, uid: "another", mode: AuditMode.Observe));
        Assert.Equal(2, operation.Told.Count);
    }

    [Fact]
    public async Task What_the_budget_withholds_is_told_with_the_next_ones()
    {
        await using var operation = await Operation.StartAsync();
        await operation.SeenAsync(0);
        bool wasWithheld = false;
        for (int minute = 1; minute <= 60; minute++)
        {
            operation.Time.Now += TimeSpan.FromMinutes(1);
            wasWithheld |= await operation.SeenAsync(minute) is not null;
        }

        Assert.True(wasWithheld);
        operation.Time.Now += TimeSpan.FromMinutes(10);
        Assert.Null(await operation.SeenAsync(61));
        Assert.Equal(61, operation.Told.Sum(told => int.Parse(told.Split(' ')[1], CultureInfo.InvariantCulture)));
    }

    private sealed class Operation : IAsyncDisposable
    {
        private readonly LoopbackApi _api;
        private readonly RefusalEvents _events;

        private Operation(LoopbackApi api, List<string> told)
        {
            (_api, Told) = (api, told);
            _events = new RefusalEvents(
                new EventRecorder(api.Kubernetes, NullLogger<EventRecorder>.Instance),
                new EventBudget(new OperatorMetrics(), Time),
                new OperatorOptions(),
                Time
            );
        }

        public List<string> Told { get; }

        public SteppedTime Time { get; } = new();

        public static async Task<Operation> StartAsync()
        {
            var told = new List<string>();
            return new(
                await LoopbackApi.StartAsync(async context =>
                {
                    var news = await JsonNode.ParseAsync(context.Request.Body);
                    told.Add($"{news!["reason"]}: {news["message"]}");
                    await context.Response.WriteAsJsonAsync(news);
                }),
                told
            );
        }

        public Task<TimeSpan?> SeenAsync(long refused, string uid = "one", string mode = AuditMode.Enforce) =>
            _events.RecordAsync(
                new V1Alpha1McpAudit
                {
                    Metadata = new V1ObjectMeta
                    {
                        Name = "orders",
                        NamespaceProperty = "shop",
                        Uid = uid,
                    },
                    Spec = new() { Mode = mode },
                    Status = new() { Calls = new() { Refused = refused } },
                },
                TestContext.Current.CancellationToken
            );

        public ValueTask DisposeAsync() => _api.DisposeAsync();
    }

    private sealed class SteppedTime : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
