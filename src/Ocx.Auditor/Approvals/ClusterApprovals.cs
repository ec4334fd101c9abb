using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Ocx.Api;
using Ocx.Audit.Approvals;
using Ocx.Kube;

namespace Ocx.Auditor.Approvals;

/// <summary>
/// Approvals as McpApproval objects in the audits' namespaces. People decide through the API server, which knows who
/// may; any number of auditors share them. That one is used once is the API server's doing: it takes the use of an
/// object only in the version that was looked at.
/// </summary>
/// <param name="kubernetes">The connection.</param>
/// <param name="informer">The objects of all namespaces.</param>
/// <param name="time">The clock.</param>
/// <param name="log">The log.</param>
internal sealed class ClusterApprovals(
    Kubernetes kubernetes,
    Informer<V1Alpha1McpApproval> informer,
    TimeProvider time,
    ILogger<ClusterApprovals> log
) : BackgroundService, IApprovals
{
    private const string FieldManager = "ocx-auditor";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5),
        s_look = TimeSpan.FromMilliseconds(10),
        s_sweep = TimeSpan.FromSeconds(30),
        s_kept = TimeSpan.FromDays(1);

    private readonly ResourceClient<ApprovalUse> _uses = new(kubernetes, FieldManager);
    private readonly ResourceClient<V1Alpha1McpApproval> _approvals = new(kubernetes, FieldManager);
    private readonly SemaphoreSlim _writing = new(1);

    /// <inheritdoc/>
    public event Action<Approval>? Changed;

    /// <inheritdoc/>
    public async Task<ApprovalAnswer> AskAsync(Approval asked, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(asked);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        ends.CancelAfter(s_patience);
        try
        {
            await informer.Synced.WaitAsync(ends.Token);
            if (Answer(asked) is { } known)
            {
                return known;
            }

            await _writing.WaitAsync(ends.Token);
            try
            {
                return await UseOrMakeAsync(asked, ends.Token);
            }
            finally
            {
                _writing.Release();
            }
        }
        catch (OperationCanceledException late) when (!cancellation.IsCancellationRequested)
        {
            throw new ApprovalsException("the API server does not answer in time", late);
        }
        catch (Exception wrong) when (wrong is ApiException or HttpOperationException or HttpRequestException)
        {
            throw new ApprovalsException($"McpApprovals cannot be kept: {wrong.Shown()}", wrong);
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<Approval>> ListAsync(CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<Approval>>([
            .. informer.All.Select(ApprovalObject.Read).OfType<Approval>().OrderBy(approval => approval.AskedAt),
        ]);

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _writing.Dispose();
    }

    /// <summary>Tells of changes, and deletes what is of no more use, until it is stopped.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        informer.Changed += Tell;
        try
        {
            using var timer = new PeriodicTimer(s_sweep, time);
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await SweepAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // It stops.
        }
        finally
        {
            informer.Changed -= Tell;
        }
    }

    // Those of the audit's own namespace alone: whoever may decide in another one has no word here.
    private IEnumerable<(V1Alpha1McpApproval Object, Approval Approval)> Of(Approval asked) =>
        informer
            .All.Where(item => item.Spec?.Binding == asked.Binding && item.Namespace() == asked.Audit.Namespace)
            .Select(item => (item, ApprovalObject.Read(item)!))
            .Where(known => known.Item2 is not null);

    // What needs nothing to be written.
    private ApprovalAnswer? Answer(Approval asked)
    {
        DateTimeOffset now = time.GetUtcNow();
        foreach ((_, Approval known) in Of(asked))
        {
            if (
                (known.UsedAt is not null && known.UsedBy == asked.Call)
                || known.State(now) is ApprovalState.Pending or ApprovalState.Refused
            )
            {
                return new(known);
            }
        }

        return null;
    }

    private async Task<ApprovalAnswer> UseOrMakeAsync(Approval asked, CancellationToken cancellation)
    {
        while (true)
        {
            if (Answer(asked) is { } known)
            {
                return known;
            }

            DateTimeOffset now = time.GetUtcNow();
            V1Alpha1McpApproval? approved = Of(asked)
                .FirstOrDefault(one => one.Approval.State(now) == ApprovalState.Approved)
                .Object;
            if (approved is null && Full(asked) is { } full)
            {
                return new(null, full);
            }

            ApprovalAnswer? done = approved is null
                ? await MakeAsync(asked, cancellation)
                : await UseAsync(approved, asked.Call, now, cancellation);
            if (done is { } answer)
            {
                return answer;
            }
        }
    }

    private async Task<ApprovalAnswer?> UseAsync(
        V1Alpha1McpApproval approved,
        string call,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        string key = informer.KeyOf(approved);
        try
        {
            ApprovalUse used = await _uses.ApplyStatusAsync(
                new ApprovalUse
                {
                    Metadata = new V1ObjectMeta
                    {
                        Name = approved.Name(),
                        NamespaceProperty = approved.Namespace(),
                        ResourceVersion = approved.ResourceVersion(),
                    },
                    Status = new V1Alpha1McpApprovalStatus { UsedAt = ApprovalObject.Format(now), UsedBy = call },
                },
                cancellation
            );
            if (used.Status?.UsedBy != call)
            {
                return null;
            }

            // It is used up, whether the watch tells of it in time or not: the version that was used is over.
            await SeenAsync(() => informer.Find(key)?.Status?.UsedAt is not null, cancellation)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return new(ApprovalObject.Read(approved)! with { UsedAt = now, UsedBy = call });
        }
        catch (ApiException refused) when (refused.StatusCode is HttpStatusCode.Conflict or HttpStatusCode.NotFound)
        {
            // Somebody else used it, or changed his mind: what he did comes in next.
            string? version = approved.ResourceVersion();
            await SeenAsync(() => informer.Find(key)?.ResourceVersion() != version, cancellation);
            return null;
        }
    }

    private async Task<ApprovalAnswer?> MakeAsync(Approval asked, CancellationToken cancellation)
    {
        string before =
            Of(asked).OrderBy(known => known.Approval.AskedAt).LastOrDefault().Object?.Uid() ?? string.Empty;
        V1Alpha1McpApproval wanted = ApprovalObject.Of(asked, before);
        bool isMine = true;
        try
        {
            await kubernetes.CustomObjects.CreateNamespacedCustomObjectAsync(
                wanted,
                OcxApi.Group,
                OcxApi.Version,
                wanted.Namespace(),
                V1Alpha1McpApproval.KubePluralName,
                fieldManager: FieldManager,
                cancellationToken: cancellation
            );
        }
        catch (HttpOperationException taken) when (taken.Response.StatusCode == HttpStatusCode.Conflict)
        {
            isMine = false; // another auditor asked first
        }

        string key = informer.KeyOf(wanted);
        await SeenAsync(() => informer.Find(key) is not null, cancellation);
        if (informer.Find(key) is not { } made || ApprovalObject.Read(made)?.Binding != asked.Binding)
        {
            throw new ApprovalsException($"the McpApproval {key} is not as an auditor writes it");
        }

        return isMine ? new(ApprovalObject.Read(made)) : null;
    }

    private string? Full(Approval asked)
    {
        V1Alpha1McpApproval[] waiting = [.. informer.All.Where(item => item.Status?.Decision is null)];
        V1Alpha1McpApproval[] ofNamespace = [.. waiting.Where(item => item.Namespace() == asked.Audit.Namespace)];
        V1Alpha1McpApproval[] ofAudit = [.. ofNamespace.Where(item => item.Spec?.Audit == asked.Audit.Name)];
        return ApprovalLimits.Full(
            ofAudit.LongCount(item => item.Spec?.Caller == asked.Caller),
            ofAudit.Length,
            ofNamespace.Length,
            waiting.Length
        );
    }

    // What was written is looked for among what came in, so that the next question finds it.
    private static async Task SeenAsync(Func<bool> seen, CancellationToken cancellation)
    {
        while (!seen())
        {
            await Task.Delay(s_look, cancellation);
        }
    }

    // What nobody decided goes when it expires; what was decided can be looked up for a day.
    internal async Task SweepAsync(CancellationToken cancellation)
    {
        DateTimeOffset now = time.GetUtcNow();
        foreach (V1Alpha1McpApproval item in informer.All)
        {
            Approval? approval = ApprovalObject.Read(item);
            TimeSpan kept = approval?.Decision is null ? TimeSpan.Zero : s_kept;
            if (approval is not null && now - kept < approval.ExpiresAt)
            {
                continue;
            }

            try
            {
                await _approvals.DeleteAsync(item, cancellation);
            }
#pragma warning disable CA1031 // Whatever is wrong with one, the others follow, and it is tried again.
            catch (Exception wrong) when (!cancellation.IsCancellationRequested)
#pragma warning restore CA1031
            {
                log.NotDeleted(informer.KeyOf(item), wrong.Shown());
            }
        }
    }

    private void Tell(V1Alpha1McpApproval item)
    {
        if (informer.Exists(informer.KeyOf(item)) && ApprovalObject.Read(item) is { } approval)
        {
            Changed?.Invoke(approval);
        }
    }
}
