using System.Net;
using Ocx.Mcp.Tcp;
using Ocx.NodeAgent.Attribution;
using Ocx.NodeProgram;
using Xunit;

namespace Ocx.NodeAgent.Tests;

/// <summary>An address names the one pod that can have had it, or none. Times here are seconds.</summary>
public class PodTableTests
{
    private readonly PodTable _table = new();

    public PodTableTests() => _table.Replace([], At(0));

    [Fact]
    public void A_pod_is_named_by_each_of_its_addresses()
    {
        _table.Put(Pod("a", start: 1, "10.0.0.7", "fd00::7"), At(2));

        Assert.Equal("a", Holder("10.0.0.7", 3));
        Assert.Equal("a", Holder("fd00::7", 3));
        Assert.Null(Holder("10.0.0.8", 3));
    }

    [Fact]
    public void A_call_that_began_before_the_pod_is_not_the_pods() =>
        Assert.Null(NewPod("a", start: 5).Holder("10.0.0.7", 4));

    [Fact]
    public void A_call_that_ends_after_its_pod_is_named_by_its_beginning()
    {
        NewPod("a", start: 1);
        _table.Remove("a", At(10));

        Assert.Equal("a", Holder("10.0.0.7", 9));
        Assert.Null(Holder("10.0.0.7", 11));
    }

    [Fact]
    public void An_address_that_is_used_again_names_first_the_one_pod_and_then_the_other()
    {
        NewPod("a", start: 1);
        _table.Remove("a", At(10));
        NewPod("b", start: 20);

        Assert.Equal("a", Holder("10.0.0.7", 5));
        Assert.Null(Holder("10.0.0.7", 15));
        Assert.Equal("b", Holder("10.0.0.7", 25));
    }

    [Fact]
    public void While_two_pods_may_have_an_address_it_names_neither()
    {
        NewPod("a", start: 1);
        NewPod("b", start: 8);
        _table.Remove("a", At(10));

        Assert.Equal("a", Holder("10.0.0.7", 7));
        Assert.Null(Holder("10.0.0.7", 9));
        Assert.Equal("b", Holder("10.0.0.7", 11));
    }

    [Theory]
    [InlineData("Succeeded")]
    [InlineData("Failed")]
    public void A_pod_whose_containers_have_ended_holds_its_address_no_longer(string phase)
    {
        NewPod("a", start: 1);
        _table.Put(NodePod.From(PodDocuments.Pod("a", phase: phase)), At(10));
        NewPod("b", start: 12);

        Assert.Equal("a", Holder("10.0.0.7", 9));
        Assert.Equal("b", Holder("10.0.0.7", 13));
    }

    [Fact]
    public void A_pod_whose_end_is_told_late_held_its_address_until_its_last_container_ended()
    {
        NewPod("a", start: 1);
        _table.Put(
            NodePod.From(PodDocuments.Pod("a", ["10.0.0.7"], phase: "Succeeded")) with
            {
                EndUnixNs = At(10),
            },
            At(20)
        );
        NewPod("b", start: 12);

        Assert.Equal("a", Holder("10.0.0.7", 9));
        Assert.Null(Holder("10.0.0.7", 11));
        Assert.Equal("b", Holder("10.0.0.7", 13));
    }

    [Fact]
    public void The_end_of_a_pod_is_that_of_its_last_container_cut_to_the_second()
    {
        NodePod pod = NodePod.From(
            PodDocuments.Read(
                """
                {"metadata":{"name":"a","namespace":"work","uid":"a"},
                 "spec":{"containers":[{"name":"one"},{"name":"two"}]},
                 "status":{"phase":"Succeeded","containerStatuses":[
                  {"name":"one","state":{"terminated":{"finishedAt":"1970-01-01T00:00:09Z"}}},
                  {"name":"two","state":{"terminated":{"finishedAt":"1970-01-01T00:00:05Z"}}}]}}
                """
            )
        );
        Assert.Equal(At(10), pod.EndUnixNs);
        Assert.Equal(long.MaxValue, NodePod.From(PodDocuments.Pod("a", phase: "Failed")).EndUnixNs);
    }

    [Fact]
    public void A_pod_on_the_nodes_network_is_not_named_by_the_nodes_address()
    {
        _table.Put(Pod("a", start: 1, "192.168.0.1") with { HostNetwork = true }, At(2));

        Assert.Null(Holder("192.168.0.1", 3));
        Assert.Equal("a", _table.Find(new ContainerCgroup("a", "0123"))?.Name);
    }

    [Fact]
    public void A_container_names_its_pod_where_its_control_group_does_not_and_its_restarts_as_well()
    {
        _table.Put(Pod("a", start: 1, "10.0.0.7") with { Containers = [new("main", "0123", [])] }, At(2));
        _table.Put(Pod("a", start: 1, "10.0.0.7") with { Containers = [new("main", "4567", [])] }, At(3));

        Assert.Equal("a", _table.Find(new ContainerCgroup("", "0123"))?.Name);
        Assert.Equal("a", _table.Find(new ContainerCgroup("", "4567"))?.Name);
        Assert.Null(_table.Find(new ContainerCgroup("", "89ab")));
    }

    [Theory]
    [InlineData("10.0.0.8", 5, true)]
    [InlineData("10.0.0.7", 0.5, true)]
    [InlineData("10.0.0.7", 9, false)]
    [InlineData("10.0.0.7", -1, false)]
    [InlineData("10.0.0.8", -1, false)]
    [InlineData("10.0.0.8", 21, false)]
    public void A_name_may_come_for_an_address_that_is_not_known_and_not_for_one_that_is_in_doubt(
        string address,
        double at,
        bool mayCome
    )
    {
        NewPod("a", start: 1);
        NewPod("b", start: 8);
        _table.Remove("a", At(10));
        _table.Doubt(At(20));

        Assert.Null(_table.HolderOf(End(address), At(at), out bool told));
        Assert.Equal(mayCome, told);
    }

    [Fact]
    public void A_pod_that_gets_another_address_leaves_the_first()
    {
        NewPod("a", start: 1);
        _table.Put(Pod("a", start: 1, "10.0.0.9"), At(10));

        Assert.Null(Holder("10.0.0.7", 11));
        Assert.Equal("a", Holder("10.0.0.9", 11));
    }

    [Fact]
    public void A_list_after_a_doubt_ends_the_pods_not_in_it_and_what_went_on_in_the_doubt_is_uncertain()
    {
        NewPod("a", start: 1);
        _table.Doubt(At(5));
        _table.Replace([Pod("b", start: 2, "10.0.0.8")], At(10));
        _table.Trust(At(10));

        Assert.Equal("a", Holder("10.0.0.7", 4));
        Assert.Null(Holder("10.0.0.7", 11));
        Assert.Null(Holder("10.0.0.8", 9));
        Assert.Equal("b", Holder("10.0.0.8", 10));
    }

    [Fact]
    public void While_nothing_is_heard_of_pods_none_is_named()
    {
        NewPod("a", start: 1);
        _table.Doubt(At(10));
        Assert.Null(Holder("10.0.0.7", 11));
        _table.Doubt(At(12));
        _table.Trust(At(15));

        Assert.Equal("a", Holder("10.0.0.7", 9));
        Assert.Null(Holder("10.0.0.7", 11));
        Assert.Equal("a", Holder("10.0.0.7", 16));
    }

    [Fact]
    public void A_list_without_a_doubt_takes_no_name_from_calls_that_began_before_it()
    {
        NewPod("a", start: 1);
        _table.Replace([Pod("a", start: 1, "10.0.0.7")], At(10));
        Assert.Equal("a", Holder("10.0.0.7", 9));
        Assert.Equal("a", Holder("10.0.0.7", 11));
    }

    [Fact]
    public void After_a_second_doubt_nothing_is_named_from_before_the_end_of_the_first()
    {
        NewPod("a", start: 1);
        _table.Doubt(At(10));
        _table.Trust(At(15));
        _table.Doubt(At(20));
        _table.Trust(At(25));

        Assert.Null(Holder("10.0.0.7", 9));
        Assert.Null(Holder("10.0.0.7", 12));
        Assert.Equal("a", Holder("10.0.0.7", 16));
        Assert.Null(Holder("10.0.0.7", 22));
        Assert.Equal("a", Holder("10.0.0.7", 26));
    }

    [Fact]
    public void Nothing_is_known_before_the_first_list()
    {
        var table = new PodTable();
        table.Put(Pod("a", start: 1, "10.0.0.7"), At(2));

        Assert.Null(table.HolderOf(End("10.0.0.7"), At(3), out _));
    }

    [Fact]
    public void Pods_that_have_ended_are_forgotten_by_age_and_by_number()
    {
        for (int pod = 0; pod < 10_000; pod++)
        {
            NewPod($"many-{pod}", start: 1);
            _table.Remove($"many-{pod}", At(2));
        }
        Assert.Equal(4096, _table.Count);

        NewPod("late", start: 4000);
        _table.Remove("late", At(4001));
        Assert.Equal(1, _table.Count);
    }

    /// <summary>
    /// Against a model that knows every tenure: pods come and go on few addresses, and what is told is heard late, but
    /// in order.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void However_addresses_are_used_again_no_wrong_pod_is_named(int seed)
    {
        var random = new Random(seed);
        var truth = new List<(string Pod, int Address, int From, int To)>();
        var told = new List<(int When, Action Tell)>();
        for (int address = 0; address < 8; address++)
        {
            int now = 1 + random.Next(20);
            for (int turn = 0; turn < 40; turn++)
            {
                string pod = $"pod-{address}-{turn}",
                    ip = $"10.0.1.{address}";
                int accepted = now - random.Next(6),
                    begins = now,
                    ends = begins + 1 + random.Next(30);
                int heard = begins + random.Next(3),
                    gone = ends + random.Next(3);
                truth.Add((pod, address, begins, ends));
                told.Add((heard, () => _table.Put(Pod(pod, accepted, ip), At(heard))));
                told.Add((gone, () => _table.Remove(pod, At(gone))));
                // Addresses rest for as long as an agent may hear late of their loss.
                now = ends + 3 + random.Next(10);
            }
        }
        foreach ((_, Action tell) in told.OrderBy(each => each.When))
        {
            tell();
        }

        int named = 0,
            asked = 0;
        foreach ((string pod, int address, int from, int to) in truth)
        {
            for (int at = from; at <= to; at++, asked++)
            {
                string? holder = Holder($"10.0.1.{address}", at);
                Assert.True(holder is null || holder == pod, $"{holder} instead of {pod} at {at}");
                named += holder is null ? 0 : 1;
            }
        }
        Assert.True(named > asked * 0.8, $"{named} of {asked} named");
    }

    private static long At(double seconds) => (long)(seconds * 1e9);

    private static IpEndpoint End(string address) => IpEndpoint.From(IPAddress.Parse(address).GetAddressBytes(), 8080);

    private static NodePod Pod(string name, int start, params string[] addresses) =>
        NodePod.From(PodDocuments.Pod(name, addresses)) with
        {
            StartUnixNs = At(start),
        };

    private PodTableTests NewPod(string name, int start)
    {
        _table.Put(Pod(name, start, "10.0.0.7"), At(start));
        return this;
    }

    private string? Holder(string address, double at) => _table.HolderOf(End(address), At(at), out _)?.Name;
}
