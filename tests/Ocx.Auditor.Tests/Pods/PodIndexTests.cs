using System.Net;
using Ocx.Auditor.Pods;
using static Ocx.Auditor.Tests.Pods.PodObjects;

namespace Ocx.Auditor.Tests.Pods;

/// <summary>Whose an address is follows the pods as they come, change and go.</summary>
public sealed class PodIndexTests
{
    private readonly SteppedTime _time = new();
    private readonly PodIndex _index;

    public PodIndexTests() => _index = new PodIndex(_time);

    private string[] At(string address) => [.. _index.At(IPAddress.Parse(address)).Select(pod => pod.Name)];

    [Fact]
    public void A_pod_has_all_of_its_addresses_until_a_while_after_its_end()
    {
        _index.Set("shop/a", Pod("a", "n1", "10.0.0.1", "fd00::1"));
        Assert.Equal(["a"], At("10.0.0.1"));
        Assert.Equal(["a"], At("fd00::1"));
        Assert.Empty(At("10.0.0.2"));
        _index.Remove("shop/a");
        Assert.Equal(["a"], At("fd00::1"));
        _time.Step(PodIndex.Memory);
        _index.Set("shop/b", Pod("b", "n1", "10.0.0.2"));
        _index.Remove("shop/b");
        Assert.Empty(At("10.0.0.1"));
        Assert.Empty(At("fd00::1"));
        Assert.Equal(0, _index.Addresses);
    }

    [Fact]
    public void Of_pods_that_have_ended_so_many_are_remembered()
    {
        for (int pod = 0; pod <= PodIndex.MostEnded; pod++)
        {
            _index.Set($"shop/{pod}", Pod($"{pod}", "n1", $"10.0.{pod >> 8}.{pod & 255}"));
            _index.Remove($"shop/{pod}");
        }

        Assert.Empty(At("10.0.0.0"));
        Assert.Equal(["1"], At("10.0.0.1"));
    }

    [Theory]
    [InlineData("Succeeded")]
    [InlineData("Failed")]
    public void A_pod_that_is_over_has_its_address_until_another_has_it(string phase)
    {
        _index.Set("shop/a", Pod("a", "n1", "10.0.0.1"));
        var over = Pod("a", "n1", "10.0.0.1");
        over.Status!.Phase = phase;
        _index.Set("shop/a", over);
        Assert.Equal(["a"], At("10.0.0.1"));
        _index.Set("shop/b", Pod("b", "n1", "10.0.0.1"));
        Assert.Equal(["b"], At("10.0.0.1"));
    }

    [Fact]
    public void An_address_goes_over_to_the_next_pod_whichever_is_told_first()
    {
        _index.Set("shop/a", Pod("a", "n1", "10.0.0.1"));
        _index.Set("shop/b", Pod("b", "n1", "10.0.0.1"));
        Assert.Equal(["a", "b"], At("10.0.0.1"));
        _index.Remove("shop/a");
        Assert.Equal(["b"], At("10.0.0.1"));
    }

    [Fact]
    public void Another_pod_of_a_name_takes_its_place()
    {
        _index.Set("shop/a", Pod("a", "n1", "10.0.0.1"));
        var next = Pod("a", "n2", "10.0.0.2");
        next.Metadata.Uid = "uid-next";
        _index.Set("shop/a", next);
        Assert.NotEqual("uid-next", Assert.Single(_index.At(IPAddress.Parse("10.0.0.1"))).Uid);
        Assert.Equal(["a"], At("10.0.0.2"));
        Assert.Equal(
            ("uid-next", "n2"),
            (_index.At(IPAddress.Parse("10.0.0.2"))[0].Uid, _index.At(IPAddress.Parse("10.0.0.2"))[0].Node)
        );
    }

    [Fact]
    public void A_changed_pod_is_known_as_it_is_now()
    {
        _index.Set("shop/a", Pod("a", "n1", "10.0.0.1"));
        var changed = Pod("a", "n1", "10.0.0.1");
        changed.Metadata.Labels = new Dictionary<string, string> { ["app"] = "rows" };
        _index.Set("shop/a", changed);
        Assert.Equal("rows", Assert.Single(_index.At(IPAddress.Parse("10.0.0.1"))).Labels["app"]);
    }

    [Fact]
    public void What_a_status_says_may_be_anything()
    {
        _index.Set("shop/a", Pod("a", null, "10.0.0.1"));
        _index.Set("shop/b", Pod("b", "n1", "", "x", "10.0.0.1/24", "10.0.0.1"));
        var none = Pod("c", "n1");
        none.Status = null;
        _index.Set("shop/c", none);
        Assert.Equal(["b"], At("10.0.0.1"));
        Assert.Equal(1, _index.Addresses);
    }

    [Theory]
    [InlineData("10.0.0.1:8080", "10.0.0.1")]
    [InlineData("[fd00::1]:8080", "fd00::1")]
    [InlineData("[::ffff:10.0.0.1]:8080", "10.0.0.1")]
    [InlineData("", null)]
    [InlineData("orders:8080", null)]
    public void The_address_of_an_end_is_read(string end, string? address) =>
        Assert.Equal(address, PodIndex.EndOf(end)?.Address.ToString());

    [Fact]
    public void An_arrival_is_told_once()
    {
        var told = new List<string>();
        _index.Arrived += address => told.Add(address.ToString());
        _index.Set("shop/a", Pod("a", "n1", "10.0.0.1"));
        _index.Set("shop/a", Pod("a", "n1", "10.0.0.1"));
        Assert.Equal(["10.0.0.1"], told);
    }

    [Fact]
    public void Of_pods_that_share_their_nodes_address_each_has_the_ports_that_it_declares()
    {
        foreach ((string name, int port) in new[] { ("a", 8080), ("b", 9090) })
        {
            PodObject pod = Pod(name, "n1", "10.0.0.1");
            pod.Spec!.HostNetwork = true;
            pod.Spec.Containers =
            [
                new PodContainer { Ports = [new PodPort { ContainerPort = port }] },
                new PodContainer(),
            ];
            _index.Set($"shop/{name}", pod);
        }

        _index.Set("shop/c", Pod("c", "n1", "10.0.0.2"));
        Assert.Equal(
            ["a"],
            _index.At(IPAddress.Parse("10.0.0.1")).Where(pod => pod.Serves(8080)).Select(pod => pod.Name)
        );
        Assert.DoesNotContain(_index.At(IPAddress.Parse("10.0.0.1")), pod => pod.Serves(22));
        Assert.True(Assert.Single(_index.At(IPAddress.Parse("10.0.0.2"))).Serves(22));
    }
}
