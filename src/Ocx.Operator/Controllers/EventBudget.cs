using k8s.Models;
using Ocx.Api;
using Ocx.Kube;
using Ocx.Operator.Telemetry;

namespace Ocx.Operator.Controllers;

/// <summary>
/// How many Events there may be, so that one agent that invents news, or one tap that changes all the time, uses up
/// nobody else's. The figures for a node are those of client-go's spam filter.
/// </summary>
/// <param name="metrics">Counts what is withheld.</param>
/// <param name="time">The clock.</param>
internal sealed class EventBudget(OperatorMetrics metrics, TimeProvider time)
{
    private const int AtOnce = 25;
    private const int OfTapAtOnce = 200;

    // Buckets that are full again are forgotten when there are twice as many as after the last time.
    private const int FewBuckets = 1024;

    private static readonly TimeSpan s_refill = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_refillOfTap = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, TokenBucket> _buckets = [];
    private int _tidyAt = FewBuckets;

    /// <summary>
    /// Whether an Event may tell what a node's agent reported. What one node causes counts together, whatever the tap.
    /// </summary>
    public bool MayTellOf(V1Alpha1McpTap tap, string node)
    {
        var ofNode = Bucket($"node {node}", AtOnce, s_refill);
        var ofTap = Bucket($"tap {tap.Uid()}", OfTapAtOnce, s_refillOfTap);
        return Counted(ofNode.HasToken && ofTap.TryTake() && ofNode.TryTake());
    }

    /// <summary>
    /// Whether an Event may tell of an audit's condition. The audits of one namespace count together: whoever makes
    /// them may make many.
    /// </summary>
    public bool MayTellOf(V1Alpha1McpAudit audit)
    {
        var ofNamespace = Bucket($"namespace {audit.Namespace()}", OfTapAtOnce, s_refillOfTap);
        var own = Bucket($"audit {audit.Uid()}", AtOnce, s_refill);
        return Counted(own.HasToken && ofNamespace.TryTake() && own.TryTake());
    }

    /// <summary>Whether an Event may tell of a tap's condition.</summary>
    public bool MayTellOf(V1Alpha1McpTap tap) => Counted(Bucket($"conditions {tap.Uid()}", AtOnce, s_refill).TryTake());

    private bool Counted(bool may)
    {
        if (!may)
        {
            metrics.EventsWithheld.Inc();
        }

        return may;
    }

    private TokenBucket Bucket(string key, int size, TimeSpan refill)
    {
        if (_buckets.TryGetValue(key, out var bucket))
        {
            return bucket;
        }

        if (_buckets.Count >= _tidyAt)
        {
            foreach (var full in _buckets.Where(entry => entry.Value.IsFull).Select(entry => entry.Key).ToList())
            {
                _buckets.Remove(full);
            }

            _tidyAt = Math.Max(FewBuckets, 2 * _buckets.Count);
        }

        return _buckets[key] = new TokenBucket(size, refill, time);
    }
}
