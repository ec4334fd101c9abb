using System.Text;
using Ocx.Mcp;
using Ocx.Mcp.Pairing;
using Ocx.Mcp.Records;
using Ocx.Mcp.Tests;
using Ocx.Mcp.Tests.Calls;
using Ocx.NodeAgent.Attribution;
using Xunit;

namespace Ocx.NodeAgent.Tests;

/// <summary>
/// Names of pods for the ends of calls, when the cluster tells them before, during and after the calls. Times here are
/// seconds.
/// </summary>
public class CallAttributionTests : IMcpSink
{
    private const string Client = "10.0.0.1";
    private const string Server = "10.0.0.2";

    private readonly PodTable _pods = new();
    private readonly CallAttribution _attribution;
    private readonly McpTracker _tracker;
    private readonly List<string> _told = [];
    private double _now = 100;
    private int _port = 40_000;

    public CallAttributionTests()
    {
        _pods.Replace([], At(0));
        _attribution = new CallAttribution("node-1", _pods, owners: null);
        _tracker = new McpTracker(new McpOptions(), this);
    }

    [Fact]
    public void Between_known_pods_a_call_is_told_at_once()
    {
        Appears("caller", Client);
        Appears("tools", Server);
        Call();
        Assert.Equal(["caller → tools {\"text\":\"call 100\"}"], _told);
    }

    [Fact]
    public void A_call_waits_for_the_name_of_a_pod_that_the_kubelet_has_yet_to_tell_of()
    {
        Appears("tools", Server);
        Call();
        Pass(1);
        Assert.Empty(_told);

        Appears("caller", Client, started: 99);
        Pass(0.25);
        Assert.Equal(["caller → tools {\"text\":\"call 100\"}"], _told);
    }

    [Fact]
    public void It_waits_for_two_seconds_and_is_told_without()
    {
        Appears("tools", Server);
        Call();
        Pass(2);
        Assert.Equal(["? → tools {\"text\":\"call 100\"}"], _told);
    }

    [Fact]
    public void An_address_that_was_waited_for_in_vain_is_not_waited_for_again_for_five_minutes()
    {
        Appears("tools", Server);
        Call();
        Pass(2);
        Call();
        Assert.Equal(2, _told.Count);

        Pass(300);
        Call();
        Assert.Equal(2, _told.Count);
    }

    [Fact]
    public void A_pod_that_gets_such_an_address_is_named_once_it_is_known()
    {
        Appears("tools", Server);
        Call();
        Pass(2);
        Appears("caller", Client, started: _now);
        Call();
        Assert.Equal("caller → tools {\"text\":\"call 102\"}", _told[^1]);
    }

    [Fact]
    public void While_a_pod_is_starting_a_call_waits_for_ten_seconds()
    {
        Appears("tools", Server);
        Starts("caller");
        Call();
        Pass(9);
        Assert.Empty(_told);

        Appears("caller", Client, started: 99);
        Pass(0.25);
        Assert.Equal(["caller → tools {\"text\":\"call 100\"}"], _told);
    }

    [Fact]
    public void And_is_then_told_without_a_name()
    {
        Appears("tools", Server);
        Starts("stuck");
        Call();
        Pass(9.9);
        Assert.Empty(_told);
        Pass(0.1);
        Assert.Equal(["? → tools {\"text\":\"call 100\"}"], _told);
    }

    [Fact]
    public void An_address_that_was_waited_for_in_vain_is_waited_for_again_when_a_pod_starts_that_may_have_it()
    {
        Appears("tools", Server);
        Call();
        Pass(2);
        Starts("caller");
        Call();
        Pass(2);
        Appears("caller", Client, started: 102);
        Pass(0.25);
        Assert.Equal(["? → tools {\"text\":\"call 100\"}", "caller → tools {\"text\":\"call 102\"}"], _told);
    }

    [Fact]
    public void A_stranger_waits_only_for_the_pods_that_were_starting_when_it_called()
    {
        Appears("tools", Server);
        Call();
        Pass(5);
        Starts("later");
        _now -= 3;
        Call();
        _now += 3;
        Pass(0.25);
        Assert.Equal(2, _told.Count);
    }

    [Fact]
    public void A_pod_without_an_address_for_half_a_minute_is_not_waited_for_any_more()
    {
        Appears("tools", Server);
        Starts("stuck");
        Pass(31);
        Call();
        Pass(2);
        Assert.Equal(["? → tools {\"text\":\"call 131\"}"], _told);
    }

    [Fact]
    public void A_pod_whose_address_is_told_with_its_end_is_named()
    {
        Appears("tools", Server);
        Starts("caller");
        Call();
        Pass(1);
        _pods.Put(
            NodePod.From(PodDocuments.Pod("caller", [Client], phase: "Succeeded")) with
            {
                StartUnixNs = At(99),
            },
            At(_now)
        );
        Pass(0.25);
        Call();
        Pass(2);
        Assert.Equal(["caller → tools {\"text\":\"call 100\"}", "? → tools {\"text\":\"call 101.25\"}"], _told);
    }

    [Fact]
    public void Nothing_waits_for_what_will_not_be_known()
    {
        _pods.Doubt(At(50));
        Call();
        Assert.Equal(["? → ? {\"text\":\"call 100\"}"], _told);
    }

    [Fact]
    public void Nothing_waits_where_no_pods_are_watched()
    {
        var alone = new CallAttribution("", pods: null, owners: null);
        var told = new List<bool>();
        var tracker = new McpTracker(new McpOptions(), new Sink(call => told.Add(alone.TryName(call, At(_now)))));
        Exchange(tracker);
        Assert.Equal([true], told);
    }

    [Fact]
    public void Calls_that_wait_count_against_the_memory_of_calls_until_they_are_told()
    {
        Call();
        long waiting = _tracker.Stats.HeldBytes;
        Pass(2);
        Assert.Equal(["? → ? {\"text\":\"call 100\"}"], _told);
        Assert.True(_tracker.Stats.HeldBytes < waiting, $"{_tracker.Stats.HeldBytes} of {waiting} bytes");
    }

    [Fact]
    public void So_many_calls_wait_and_those_beyond_are_told_at_once()
    {
        for (int i = 0; i < 5000; i++)
        {
            Call();
        }

        Assert.Equal(5000 - 4096, _told.Count);
        Pass(2);
        Assert.Equal(5000, _told.Count);
    }

    void IMcpSink.OnCall(CallRecord record)
    {
        if (_attribution.TryName(record, At(_now)))
        {
            Tell(record);
        }
    }

    void IMcpSink.OnUnreadable(in UnreadableConnection connection) => Assert.Fail("All is readable.");

    private static long At(double seconds) => (long)(seconds * 1e9);

    private void Tell(CallRecord call) =>
        _told.Add(
            $"{call.ClientIdentity?.Pod ?? "?"} → {call.ServerIdentity?.Pod ?? "?"} "
                + $"{Encoding.UTF8.GetString(call.Arguments)}"
        );

    private void Appears(string pod, string address, double started = 1) =>
        _pods.Put(NodePod.From(PodDocuments.Pod(pod, [address])) with { StartUnixNs = At(started) }, At(_now));

    // Assigned to the node; the kubelet has told no more.
    private void Starts(string pod) =>
        _pods.Put(NodePod.From(PodDocuments.Pod(pod, [])) with { StartUnixNs = 0 }, At(_now));

    private void Call() => Exchange(_tracker);

    private void Exchange(McpTracker tracker)
    {
        Wire wire = new(_port++);
        wire.Open()
            .FromClient(Peer.Post(Peer.Call(1, arguments: $$"""{"text":"call {{_now}}"}""")))
            .FromServer(Peer.Ok(Peer.Result(1)))
            .Close();
        foreach (Sent sent in wire.Log)
        {
            tracker.Accept(wire.At(sent, At(_now)));
        }
    }

    private void Pass(double seconds)
    {
        _now += seconds;
        while (_attribution.Next(At(_now)) is { } call)
        {
            Tell(call);
            call.Release();
        }
    }

    private sealed class Sink(Action<CallRecord> onCall) : IMcpSink
    {
        public void OnCall(CallRecord record) => onCall(record);

        public void OnUnreadable(in UnreadableConnection connection) => Assert.Fail("All is readable.");
    }
}
