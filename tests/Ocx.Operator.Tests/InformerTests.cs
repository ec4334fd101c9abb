using System.Diagnostics;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Ocx.Api;
using Ocx.Kube;

namespace Ocx.Operator.Tests;

/// <summary>API servers, and what stands between them and the operator, that misbehave.</summary>
public sealed class InformerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static string Report(string node, int version, string time = "2026-01-21T14:15:30Z") =>
        $$$"""{"metadata":{"name":"mcp.{{{node}}}","uid":"u","resourceVersion":"{{{version}}}"}"""
        + $$$""","spec":{"tap":"mcp","node":"{{{node}}}"},"""
        + $$$""" "status":{"phase":"Running","lastReportTime":"{{{time}}}"}}""";

    private static string Change(string type, string report) =>
        $$$"""{"type":"{{{type}}}","object":{{{report}}}}""" + "\n";

    private static string List(int version, params string[] items) =>
        $$$"""{"kind":"List","metadata":{"resourceVersion":"{{{version}}}"},"items":[{{{string.Join(',', items)}}}]}""";

    [Fact]
    public async Task A_watch_that_ends_at_once_again_and_again_is_started_again_with_growing_pauses()
    {
        var watches = 0;
        var clock = new Stopwatch();
        await using var api = await LoopbackApi.StartAsync(async context =>
        {
            if (!IsWatch(context))
            {
                await context.Response.WriteAsync(List(1));
                return;
            }

            clock.Start();
            Interlocked.Increment(ref watches);
        });
        await using var running = await Running.StartAsync(api);
        await LoopbackApi.EventuallyAsync(() => Volatile.Read(ref watches) >= 5, "five watches");

        // Halves of 0.25, 0.5, 1 and 2 s lie between them at least. Without pauses they take milliseconds.
        Assert.InRange(clock.Elapsed.TotalSeconds, 1.8, 60);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_server_that_answers_410_again_and_again_is_listed_with_growing_pauses(bool inStream)
    {
        const string Gone = """{"kind":"Status","status":"Failure","code":410,"message":"too old resource version"}""";
        var lists = 0;
        var clock = new Stopwatch();
        await using var api = await LoopbackApi.StartAsync(async context =>
        {
            if (!IsWatch(context))
            {
                clock.Start();
                Interlocked.Increment(ref lists);
                await context.Response.WriteAsync(List(1));
                return;
            }

            context.Response.StatusCode = inStream ? 200 : 410;
            await context.Response.WriteAsync(inStream ? Change("ERROR", Gone) : Gone);
        });
        await using var running = await Running.StartAsync(api);
        await LoopbackApi.EventuallyAsync(() => Volatile.Read(ref lists) >= 5, "five lists");
        Assert.InRange(clock.Elapsed.TotalSeconds, 1.8, 60);
    }

    [Fact]
    public async Task An_object_that_cannot_be_read_is_skipped_and_the_others_of_list_and_watch_are_there()
    {
        await using var api = await LoopbackApi.StartAsync(async context =>
        {
            if (!IsWatch(context))
            {
                await context.Response.WriteAsync(
                    List(
                        9,
                        Report("a", 1),
                        Report("torn", 2, time: "yesterday"),
                        """{"metadata":{"name":"mcp.numbers","resourceVersion":"3"}"""
                            + ""","spec":{"tap":"mcp","node":"numbers"},"status":{"packets":{"total":1e99}}}""",
                        """{"metadata":{"name":"mcp.nothing","resourceVersion":"4"},"spec":null}""",
                        "7",
                        "null",
                        """{"metadata":null}"""
                    )
                );
                return;
            }

            // 'a' becomes unreadable; what could last be read of it stays.
            await context.Response.WriteAsync(
                Change("MODIFIED", Report("a", 10, time: "0000-00-00T00:00:00Z"))
                    + Change("ADDED", "[]")
                    + Change("ADDED", Report("b", 11))
                    + Change("DELETED", """{"metadata":{"name":"mcp.torn"},"status":"no object"}""")
                    + Change("BOOKMARK", """{"metadata":{"resourceVersion":"12"}}""")
            );
            await OpenAsync(context);
        });
        await using var running = await Running.StartAsync(api, tapOf: report => report.Spec.Tap);
        await LoopbackApi.EventuallyAsync(() => running.Informer.Find("mcp.b") is not null, "the last object");
        await LoopbackApi.EventuallyAsync(
            () => !running.Informer.Exists("mcp.torn"),
            "the deletion of an object that cannot be read"
        );
        Assert.Equal("1", running.Informer.Find("mcp.a")!.Metadata.ResourceVersion);
        Assert.True(running.Informer.Exists("mcp.numbers"));
        Assert.Null(running.Informer.Find("mcp.numbers"));
        Assert.True(running.IsRunning);
    }

    [Theory]
    [InlineData("{\"type\":\"ADDED\",\"obj\u0000\n")]
    [InlineData("<html>502 Bad Gateway</html>\n")]
    [InlineData("[]\n")]
    [InlineData("{\"type\":7,\"object\":{}}\n")]
    [InlineData("{\"type\":\"ADDED\"}\n")]
    public async Task A_line_that_is_no_change_brings_the_list_again_since_what_it_told_is_not_known(string line)
    {
        var lists = 0;
        await using var api = await LoopbackApi.StartAsync(async context =>
        {
            if (!IsWatch(context))
            {
                // What the line would have told.
                await context.Response.WriteAsync(
                    Interlocked.Increment(ref lists) == 1 ? List(1) : List(2, Report("a", 2))
                );
                return;
            }

            await context.Response.WriteAsync(line);
            await OpenAsync(context);
        });
        await using var running = await Running.StartAsync(api);
        await LoopbackApi.EventuallyAsync(() => running.Informer.Find("mcp.a") is not null, "the list after the line");
        Assert.True(running.IsRunning);
    }

    [Fact]
    public async Task A_last_line_that_was_cut_off_comes_again_with_the_next_watch()
    {
        var watches = 0;
        var versions = new List<string>();
        await using var api = await LoopbackApi.StartAsync(async context =>
        {
            if (!IsWatch(context))
            {
                await context.Response.WriteAsync(List(1));
                return;
            }

            lock (versions)
            {
                versions.Add(context.Request.Query["resourceVersion"].ToString());
            }

            if (Interlocked.Increment(ref watches) == 1)
            {
                await context.Response.WriteAsync(
                    Change("ADDED", Report("a", 5)) + Change("ADDED", Report("b", 6))[..60]
                );
                return;
            }

            await context.Response.WriteAsync(Change("ADDED", Report("b", 6)));
            await OpenAsync(context);
        });
        await using var running = await Running.StartAsync(api);
        await LoopbackApi.EventuallyAsync(
            () => running.Informer.Find("mcp.b") is not null,
            "the object whose line was cut off"
        );
        lock (versions)
        {
            Assert.Equal(["1", "5"], versions.Take(2));
        }
    }

    [Fact]
    public async Task A_line_without_an_end_is_given_up_and_does_not_fill_the_memory()
    {
        var lists = 0;
        await using var api = await LoopbackApi.StartAsync(async context =>
        {
            if (!IsWatch(context))
            {
                Interlocked.Increment(ref lists);
                await context.Response.WriteAsync(List(1));
                return;
            }

            var block = Encoding.ASCII.GetBytes(new string('x', 1 << 16));
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(block, context.RequestAborted);
            }
        });
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var most = before;
        await using var running = await Running.StartAsync(api);
        await LoopbackApi.EventuallyAsync(
            () =>
            {
                most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: false));
                return Volatile.Read(ref lists) >= 4;
            },
            "the line was given up, three times"
        );

        // The bound, its copy, and what other tests of this process hold meanwhile.
        Assert.InRange(most - before, long.MinValue, 64 << 20);
        Assert.True(running.IsRunning);
    }

    [Fact]
    public async Task A_line_as_long_as_an_object_may_be_is_read()
    {
        var note = new string('n', 2 << 20);
        var long_ = Report("long", 2)
            .Replace("\"uid\":", $"\"annotations\":{{\"note\":\"{note}\"}},\"uid\":", StringComparison.Ordinal);
        await using var api = await LoopbackApi.StartAsync(async context =>
        {
            await context.Response.WriteAsync(IsWatch(context) ? Change("ADDED", long_) : List(1));
            await OpenAsync(context);
        });
        await using var running = await Running.StartAsync(api);
        await LoopbackApi.EventuallyAsync(() => running.Informer.Find("mcp.long") is not null, "the long object");
        Assert.True(running.IsRunning);
    }

    private static bool IsWatch(HttpContext context) => context.Request.Query.ContainsKey("watch");

    // A watch stays open; a list ends.
    private static async Task OpenAsync(HttpContext context)
    {
        if (IsWatch(context))
        {
            await context.Response.Body.FlushAsync(Token);
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    private sealed class Running(Informer<V1Alpha1McpTapReport> informer) : IAsyncDisposable
    {
        public Informer<V1Alpha1McpTapReport> Informer => informer;

        public bool IsRunning => informer.ExecuteTask is { IsCompleted: false };

        public static async Task<Running> StartAsync(LoopbackApi api, Func<V1Alpha1McpTapReport, string>? tapOf = null)
        {
            var informer = new Informer<V1Alpha1McpTapReport>(
                new ResourceClient<V1Alpha1McpTapReport>(api.Kubernetes, "ocx-operator", "ocx-system"),
                string.Empty,
                new InformerMetrics(
                    Prometheus.Metrics.WithCustomRegistry(Prometheus.Metrics.NewCustomRegistry()),
                    "ocx_operator"
                ),
                TimeProvider.System,
                NullLogger<Informer<V1Alpha1McpTapReport>>.Instance
            );
            informer.Changed += report => tapOf?.Invoke(report);
            await informer.StartAsync(Token);
            await informer.Synced.WaitAsync(TimeSpan.FromSeconds(30), Token);
            return new Running(informer);
        }

        public async ValueTask DisposeAsync()
        {
            await informer.StopAsync(CancellationToken.None);
            informer.Dispose();
        }
    }
}
