using Ocx.Audit.Wire;
using Ocx.Mcp.Tcp;

namespace Ocx.Gate.Tests.Holding;

/// <summary>No client takes all that a worker has, and none keeps for ever what it takes.</summary>
public sealed class ShareTests
{
    private static readonly string s_long = Wire.Post("delete_rows", arguments: $"\"{new string('x', 900_000)}\"");

    [Fact]
    public void A_connection_may_not_hold_all_that_may_be_held()
    {
        using var wire = new Wire(Wire.Audit());
        wire.Open();
        foreach (char[] piece in string.Concat(Enumerable.Repeat(s_long, 12)).Chunk(60_000))
        {
            wire.FromClient(new string(piece));
        }

        Assert.True(wire.ClientReset && wire.ServerReset);
        Assert.Equal(1, wire.Counts.Audits.Single().Value.Closed(GateFailure.QueueFull));
    }

    [Fact]
    public void A_client_may_not_hold_all_that_may_be_held()
    {
        using var wire = new Wire(Wire.Audit());
        for (ushort port = 1; port <= 4000; port++)
        {
            string post = port <= 20 ? s_long : Wire.Post("delete_rows");
            wire.FromAnother(IpEndpoint.From([10, 0, 0, 9], port), post[..^1]);
        }

        wire.Open();
        wire.FromClient(Wire.Post("delete_rows"));
        Assert.Equal("delete_rows", wire.Asked().Tool);
        Assert.False(wire.ClientReset);
    }

    [Theory]
    [InlineData(GateFailurePolicy.Open)]
    [InlineData(GateFailurePolicy.Closed)]
    public void A_request_that_does_not_end_is_not_waited_for_longer_than_a_verdict(GateFailurePolicy policy)
    {
        using var wire = new Wire(Wire.Audit(policy));
        wire.Open();
        string begun = Wire.Post("delete_rows")[..^1];
        wire.FromClient(begun[..50]);
        wire.Pass(TimeSpan.FromSeconds(6));
        wire.FromClient(begun[50..]);
        wire.Pass(TimeSpan.FromSeconds(3));
        Assert.NotEqual(0, wire.Waiting);
        wire.Pass(TimeSpan.FromSeconds(2));
        Assert.Equal(0, wire.Waiting);
        bool opens = policy == GateFailurePolicy.Open;
        Assert.Equal(opens ? begun : "", wire.ServerGot);
        Assert.Equal(!opens, wire.ClientReset && wire.ServerReset);
        var counted = wire.Counts.Audits.Single().Value;
        Assert.Equal(1, opens ? counted.Opened(GateFailure.Unfinished) : counted.Closed(GateFailure.Unfinished));
    }

    [Fact]
    public void A_packet_that_came_too_early_does_not_wait_for_ever()
    {
        using var wire = new Wire(Wire.Audit());
        wire.Open();
        string post = Wire.Post("get_rows");
        wire.EarlyFromClient(100, post[100..]);
        Assert.Equal(1, wire.Waiting);
        wire.Pass(TimeSpan.FromSeconds(16));
        Assert.Equal(0, wire.Waiting);
        wire.FromClient(post);
        Assert.Equal(post, wire.ServerGot);
    }
}
