using System.Diagnostics;
using Ocx.Mcp.Records;
using Ocx.Mcp.Tcp;
using Ocx.NodeAgent.Capture;

namespace Ocx.NodeAgent.Attribution;

/// <summary>
/// Writes into each call who is at its two ends. The kubelet tells a new pod's address some seconds after its first
/// call: a call with an end that may yet get a name waits for it, unless that end was waited for in vain before and no
/// pod is starting that may have its address now. Used by one thread.
/// Times of calls are nanoseconds since the Unix epoch; <c>now</c> is of a clock that nobody sets, in nanoseconds.
/// </summary>
/// <param name="node">The node's name; empty outside of a cluster.</param>
/// <param name="pods">The node's pods; null where they are not known.</param>
/// <param name="owners">The processes at the ends of connections; null where they are not looked up.</param>
internal sealed class CallAttribution(string node, PodTable? pods, ConnectionOwners? owners)
{
    /// <summary>How long a call waits for a name at most.</summary>
    public const long LongestPatience = 10_000_000_000;

    // Where no pod is known to be starting, it is one of another node, or none.
    private const long Patience = 2_000_000_000;

    private const int MaxWaiting = 4096;

    private readonly Queue<Waiting> _waiting = new();
    private readonly RecentlyUnknown<UInt128> _addresses = new();
    private readonly RecentlyUnknown<string> _containers = new();

    /// <summary>A segment passed from one end to the other.</summary>
    public void Note(in CapturedSegment segment, IpEndpoint from, IpEndpoint to, long unixNs) =>
        owners?.Note(segment, from, to, unixNs);

    /// <summary>Names a call's ends.</summary>
    /// <returns>False when the call is kept until <see cref="Next"/> gives it back.</returns>
    public bool TryName(CallRecord call, long now)
    {
        // Processes are looked up while they are there. When the request passed, both ends held their addresses; by its
        // end they may not. Each is known by the connection as its own end has it.
        OwnerProcess? client = owners?.At(call.Client, call.ServerAsCalled, call.StartUnixNs);
        OwnerProcess? server = owners?.At(call.Server, call.ClientAsAnswered, call.StartUnixNs);
        var waiting = new Waiting(call, client, server, now);
        if (TryName(waiting, now) || _waiting.Count >= MaxWaiting)
        {
            return true;
        }
        call.Keep();
        _waiting.Enqueue(waiting);
        return false;
    }

    /// <summary>Who is at a call's ends as far as that is known now, without waiting for what may yet come.</summary>
    public (PeerIdentity? Client, PeerIdentity? Server) Known(CallRecord call)
    {
        long now = Stopwatch.GetTimestamp();
        return (
            Identify(
                call.Client,
                owners?.At(call.Client, call.ServerAsCalled, call.StartUnixNs),
                call.StartUnixNs,
                serverPort: null,
                now,
                out _
            ),
            Identify(
                call.Server,
                owners?.At(call.Server, call.ClientAsAnswered, call.StartUnixNs),
                call.StartUnixNs,
                call.Server.Port,
                now,
                out _
            )
        );
    }

    /// <summary>
    /// A call that has its names or has waited for them long enough, to be released after use; null when there is none
    /// now.
    /// </summary>
    public CallRecord? Next(long now)
    {
        for (int left = _waiting.Count; left > 0; left--)
        {
            Waiting oldest = _waiting.Dequeue();
            if (TryName(oldest, now))
            {
                return oldest.Call;
            }
            if (now - oldest.Since >= (pods!.IsOneStarting(oldest.Call.StartUnixNs) ? LongestPatience : Patience))
            {
                GiveUp(oldest, now);
                return oldest.Call;
            }
            _waiting.Enqueue(oldest);
        }
        return null;
    }

    // True when no more can become known.
    private bool TryName(in Waiting waiting, long now)
    {
        CallRecord call = waiting.Call;
        call.ClientIdentity = Identify(
            call.Client,
            waiting.Client,
            call.StartUnixNs,
            serverPort: null,
            now,
            out bool clientMayCome
        );
        call.ServerIdentity = Identify(
            call.Server,
            waiting.Server,
            call.StartUnixNs,
            call.Server.Port,
            now,
            out bool serverMayCome
        );
        return !clientMayCome && !serverMayCome;
    }

    private PeerIdentity? Identify(
        IpEndpoint end,
        OwnerProcess? process,
        long at,
        ushort? serverPort,
        long now,
        out bool mayCome
    )
    {
        mayCome = false;
        PeerIdentity? identity = null;
        if (pods is not null)
        {
            // Where the process runs is certain; whose the address is follows from what the cluster told.
            NodePod? pod;
            if (process?.Container is { } inside)
            {
                pod = pods.Find(inside);
                mayCome = pod is null && !_containers.Has(inside.ContainerId, now);
            }
            else
            {
                pod = pods.HolderOf(end, at, out mayCome);
                mayCome = mayCome && (!_addresses.Has(end.Address, now) || pods.IsOneStarting(at));
            }
            identity = pod?.Identify(
                node,
                process?.Container is { } known ? pod.ContainerOf(known.ContainerId) : null,
                serverPort
            );
        }
        return process is null
            ? identity
            : (identity ?? new PeerIdentity { Node = node }) with
            {
                Pid = process.Pid,
                Comm = process.Comm,
            };
    }

    private void GiveUp(in Waiting call, long now)
    {
        Forget(call.Call.ClientIdentity, call.Call.Client, call.Client);
        Forget(call.Call.ServerIdentity, call.Call.Server, call.Server);

        void Forget(PeerIdentity? identity, IpEndpoint end, OwnerProcess? process)
        {
            if (identity is { Pod.Length: > 0 })
            {
                return;
            }
            if (process?.Container is { } container)
            {
                _containers.Add(container.ContainerId, now);
            }
            else
            {
                _addresses.Add(end.Address, now);
            }
        }
    }

    private readonly record struct Waiting(CallRecord Call, OwnerProcess? Client, OwnerProcess? Server, long Since);
}
