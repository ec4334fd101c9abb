using System.Buffers;
using System.Text.Json;
using Ocx.Audit.Approvals;
using Ocx.Auditor.Approvals;
using Ocx.Auditor.Watching;
using Ocx.Text;

namespace Ocx.Auditor.Http;

/// <summary>
/// What <c>ocx audit approvals</c>, <c>approve</c>, <c>refuse</c> and <c>watch</c> ask for. Who decides is who the
/// kernel says is at the other end of the socket.
/// </summary>
internal static class ApprovalEndpoints
{
    private const int LongestDecision = 4096;
    private const string Lines = "application/x-ndjson";

    /// <summary>Adds them.</summary>
    /// <param name="endpoints">Those of the socket.</param>
    /// <param name="approvals">Where approvals are kept.</param>
    public static void MapApprovals(this RouteGroupBuilder endpoints, IApprovals approvals)
    {
        endpoints.MapGet("/approvals", (HttpContext http) => ListAsync(http, approvals));
        endpoints.MapPost(
            "/approvals/{id}",
            (HttpContext http, string id) => DecideAsync(http, approvals as ApprovalFile, id)
        );
    }

    /// <summary>Adds the one that tells of verdicts and approvals as they come.</summary>
    public static void MapWatch(this RouteGroupBuilder endpoints, Feed feed) =>
        endpoints.MapGet(
            "/watch",
            (HttpContext http, IHostApplicationLifetime life) => WatchAsync(http, feed, life.ApplicationStopping)
        );

    /// <summary>An approval as one line.</summary>
    public static byte[] Line(Approval approval)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, WireJson.WriterOptions))
        {
            ApprovalJson.Write(json, approval);
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static async Task ListAsync(HttpContext http, IApprovals approvals)
    {
        IReadOnlyList<Approval> all = await approvals.ListAsync(http.RequestAborted);
        http.Response.ContentType = Lines;
        foreach (Approval approval in all)
        {
            await http.Response.Body.WriteAsync(Line(approval), http.RequestAborted);
            await http.Response.Body.WriteAsync("\n"u8.ToArray(), http.RequestAborted);
        }
    }

    private static async Task<IResult> DecideAsync(HttpContext http, ApprovalFile? approvals, string id)
    {
        if (approvals is null)
        {
            // Whoever may use the socket of a cluster's auditor is not for that somebody who may decide.
            return Results.Text(
                "in a cluster its own rights say who decides: kubectl patch mcpapproval -n NAMESPACE NAME "
                    + "--subresource=status --type=merge -p '{\"status\":{\"decision\":\"Approve\"}}'",
                statusCode: StatusCodes.Status409Conflict
            );
        }

        if (await ReadAsync(http) is not var (decision, reason))
        {
            return Results.BadRequest();
        }

        string by = SocketPeer.UserName(SocketPeer.Uid(http));
        Approval? approval = await approvals.DecideAsync(id, decision, by, reason, http.RequestAborted);
        return approval is null ? Results.NotFound() : Results.Bytes(Line(approval), Lines);
    }

    private static async Task<(ApprovalDecision Decision, string Reason)?> ReadAsync(HttpContext http)
    {
        byte[] body = new byte[LongestDecision];
        int length = await http.Request.Body.ReadAtLeastAsync(body, body.Length, false, http.RequestAborted);
        try
        {
            WireObject from = WireObject.Parse(body.AsSpan(0, length));
            return from.Text("decision") switch
            {
                nameof(ApprovalDecision.Approve) => (ApprovalDecision.Approve, from.Text("reason")),
                nameof(ApprovalDecision.Refuse) => (ApprovalDecision.Refuse, from.Text("reason")),
                _ => null,
            };
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static async Task WatchAsync(HttpContext http, Feed feed, CancellationToken stopping)
    {
        // An auditor that stops does not wait for those who watch.
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping);
        try
        {
            await TellAsync(http, feed, ends.Token);
        }
        catch (OperationCanceledException) when (ends.IsCancellationRequested)
        {
            http.Abort();
        }
    }

    private static async Task TellAsync(HttpContext http, Feed feed, CancellationToken watching)
    {
        using Feed.Watcher? watcher = feed.Watch();
        if (watcher is null)
        {
            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        http.Response.ContentType = Lines;
        await http.Response.StartAsync(watching);
        await http.Response.Body.FlushAsync(watching);
        await foreach (ReadOnlyMemory<byte> line in watcher.LinesAsync(watching))
        {
            await http.Response.Body.WriteAsync(line, watching);
            await http.Response.Body.WriteAsync("\n"u8.ToArray(), watching);
            await http.Response.Body.FlushAsync(watching);
        }
    }
}
