using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Ocx.Mcp.Tcp;
using static Ocx.Mcp.Tests.Calls.Peer;

namespace Ocx.Mcp.Tests.Calls;

/// <summary>
/// A connection that passes the tap under two names, as a node translates addresses between a pod and a Service, is one
/// connection.
/// </summary>
public class TranslatedCallTests
{
    private static readonly IpEndpoint s_service = IpEndpoint.From([10, 96, 0, 10], 8080);
    private static readonly IpEndpoint s_node = IpEndpoint.From([192, 168, 0, 1], 61000);

    // The client speaks to the Service; the node hands it to the server, whose answers it hands back.
    private readonly Wire _called = new() { Called = s_service };
    private readonly Wire _real = new();
    private readonly Tracked _tracked = new();

    [Fact]
    public void A_call_through_a_service_is_one_call_of_the_pod()
    {
        Pass(_tracked, _called.Open().FromClient(Post(Call(1))).FromServer(Ok(Result(1))).Log);

        Assert.Equal(["10.0.0.1:40000 -> 10.0.0.2:8080 ok"], Ends(_tracked));
        Assert.Equal(1, _tracked.Tracker.Stats.Connections);
        Assert.Equal(1, _tracked.Tracker.Stats.Translations);
        Assert.Equal(2, _tracked.Tracker.Stats.Duplicates);
        _tracked.Flush();
    }

    [Fact]
    public void Each_end_is_told_beside_the_address_that_it_has_of_the_other()
    {
        List<string> seen = [];
        var tracked = new Tracked
        {
            Look = call =>
                seen.Add($"{call.Client} calls {call.ServerAsCalled}, {call.Server} answers {call.ClientAsAnswered}"),
        };
        Pass(tracked, _called.Open().FromClient(Post(Call(1))).FromServer(Ok(Result(1))).Log);
        Assert.Equal(["10.0.0.1:40000 calls 10.96.0.10:8080, 10.0.0.2:8080 answers 10.0.0.1:40000"], seen);
    }

    [Fact]
    public void A_client_that_the_node_stands_for_is_told_by_its_own_address()
    {
        var masked = new Wire { Client = s_node };
        _real.Open().FromClient(Post(Call(1))).FromServer(Ok(Result(1)));
        Pass(_tracked, _real.Log, _real, masked);
        Assert.Equal(["10.0.0.1:40000 -> 10.0.0.2:8080 ok"], Ends(_tracked));
    }

    [Fact]
    public void Both_translations_seen_one_after_the_other_are_one_call_between_the_two_pods()
    {
        var masked = new Wire { Client = s_node };
        Pass(_tracked, _called.Open().FromClient(Post(Call(1))).FromServer(Ok(Result(1))).Log, _called, _real, masked);
        Assert.Equal(["10.0.0.1:40000 -> 10.0.0.2:8080 ok"], Ends(_tracked));
        Assert.Equal(2, _tracked.Tracker.Stats.Translations);
    }

    [Fact]
    public void Both_at_once_have_no_end_in_common_and_are_told_under_either_name()
    {
        var masked = new Wire { Client = s_node };
        Pass(_tracked, _called.Open().FromClient(Post(Call(1))).FromServer(Ok(Result(1))).Log, _called, masked);
        Assert.Equal(
            ["10.0.0.1:40000 -> 10.96.0.10:8080 ok", "192.168.0.1:61000 -> 10.0.0.2:8080 ok"],
            Ends(_tracked).Order()
        );
    }

    [Fact]
    public void A_connection_that_the_tap_joins_in_its_middle_is_recognised_by_the_next_segment_of_either_side()
    {
        _called.Unseen(true, 300).Unseen(false, 4000);
        Pass(
            _tracked,
            _called.FromServer("data: the end of an answer\n\n").FromClient(Post(Call(2))).FromServer(Ok(Result(2))).Log
        );
        Assert.Equal(["10.0.0.1:40000 -> 10.0.0.2:8080 ok"], Ends(_tracked.Flush()));
        Assert.Equal(1, _tracked.Tracker.Stats.Connections);
    }

    [Fact]
    public void What_one_sight_missed_the_other_makes_good()
    {
        _called
            .Open()
            .FromClient(Post(Call(1)))
            .FromServer(Ok(Result(1)))
            .FromClient(Post(Call(2)))
            .FromServer(Ok(Result(2)));
        List<Sent> log = _called.Log;
        Pass(_tracked, log[..3]);
        _tracked.Feed(_called, [log[3]]).Feed(_real, [log[4]]).Feed(_called, [log[5]]);
        Assert.Equal(["tools/call echo ok", "tools/call echo ok"], _tracked.Summary);
        Assert.Equal(0, _tracked.Tracker.Stats.Gaps);
    }

    [Fact]
    public void A_retransmission_is_no_further_connection()
    {
        _called.Open().FromClient(Post(Call(1)));
        _called.Log.Add(_called.Log[^1]);
        Pass(_tracked, _called.FromServer(Ok(Result(1))).Log);
        Assert.Single(_tracked.Json);
        Assert.Equal(1, _tracked.Tracker.Stats.Translations);
    }

    [Fact]
    public void Ports_that_are_taken_again_by_another_connection_through_the_service_are_followed_again()
    {
        Pass(_tracked, _called.Open().FromClient(Post(Call(1, "first"))).FromServer(Ok(Result(1))).Log);
        var next = new Wire(clientStart: 500_000_000, serverStart: 600_000_000);
        Pass(_tracked, next.Open().FromClient(Post(Call(1, "second"))).FromServer(Ok(Result(1))).Log);
        Assert.Equal(["tools/call first ok", "tools/call second ok"], _tracked.Summary);
        Assert.Equal(2, _tracked.Tracker.Stats.Translations);
    }

    [Fact]
    public void A_port_that_the_translation_gives_to_another_connection_takes_nothing_from_the_first()
    {
        Pass(_tracked, _called.Open().FromClient(Post(Call(1, "through"))).Log);
        var direct = new Wire(clientStart: 500_000_000, serverStart: 600_000_000);
        _tracked.Feed(direct, direct.Open().FromClient(Post(Call(1, "direct"))).FromServer(Ok(Result(1))).Log);
        _tracked.Feed(_called, _called.FromServer(Ok(Result(1))).Log[3..]);
        Assert.Equal(["tools/call direct ok", "tools/call through ok"], _tracked.Summary);
    }

    [Fact]
    public void A_connection_that_was_forgotten_while_it_was_silent_is_recognised_again()
    {
        Pass(_tracked, _called.Open().FromClient(Post(Call(1))).FromServer(Ok(Result(1))).Log);
        _tracked.Tracker.Tick(_tracked.Now += 31 * 60_000_000_000L);
        Assert.Equal(0, _tracked.Tracker.Stats.OpenConnections);
        Pass(_tracked, _called.FromClient(Post(Call(2))).FromServer(Ok(Result(2))).Log[4..]);
        Assert.Equal(["tools/call echo ok", "tools/call echo ok"], _tracked.Summary);
        Assert.Equal(0, _tracked.Tracker.Stats.HeldBytes - 3072 - 256);
    }

    [Fact]
    public void Whichever_sights_of_its_segments_are_seen_and_in_whichever_order_each_call_is_told_once() =>
        Prop.ForAll(
                Gen.Choose(0, 3).ArrayOf(64).ToArbitrary(),
                Gen.Choose(20, 400).ToArbitrary(),
                (sights, split) =>
                {
                    var called = new Wire { Called = s_service };
                    called.Open();
                    for (int call = 1; call <= 4; call++)
                    {
                        called.FromClient(Post(Call(call, $"tool-{call}")), split).FromServer(Ok(Result(call)), split);
                    }

                    var tracked = new Tracked();
                    foreach ((int at, Sent sent) in called.Log.Skip(2).Index())
                    {
                        // The first segment is what the second name is recognised by.
                        Wire[] seen = (at == 0 ? 0 : sights[at % sights.Length]) switch
                        {
                            0 => [called, _real],
                            1 => [_real, called],
                            2 => [called],
                            _ => [_real],
                        };
                        foreach (Wire sight in seen)
                        {
                            tracked.Feed(sight, [sent]);
                        }
                    }

                    return tracked
                        .Flush()
                        .Summary.SequenceEqual(Enumerable.Range(1, 4).Select(call => $"tools/call tool-{call} ok"));
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Theory]
    [InlineData(1, 0, 0)]
    [InlineData(0, 1, 0)]
    [InlineData(0, 0, 1)]
    public void A_segment_that_differs_in_a_number_or_in_length_is_another_connections(
        uint sequence,
        uint acknowledgment,
        int longer
    )
    {
        _called.Open().FromClient(Post(Call(1)));
        Sent request = _called.Log[^1];
        byte[] payload = [.. request.Payload, .. new byte[longer]];
        _tracked.Feed(_called);
        _tracked.Feed(
            _real,
            [
                request with
                {
                    Sequence = request.Sequence + sequence,
                    Acknowledgment = request.Acknowledgment + acknowledgment,
                    Payload = payload,
                    Length = payload.Length,
                },
            ]
        );
        Assert.Equal(2, _tracked.Tracker.Stats.Connections);
        Assert.Equal(0, _tracked.Tracker.Stats.Translations);
    }

    [Fact]
    public void A_segment_that_comes_much_later_is_another_connections()
    {
        _tracked.Feed(_called.Open().FromClient(Post(Call(1))));
        _tracked.Now += 2_000_000_000;
        _tracked.Feed(_real, [_called.Log[^1]]);
        Assert.Equal(2, _tracked.Tracker.Stats.Connections);
    }

    [Fact]
    public void Who_copies_the_numbers_of_a_connection_cannot_hide_what_that_connection_did_not_carry()
    {
        _called.Open().FromClient(Post(Call(1, "innocent")));
        Sent request = _called.Log[^1];
        _tracked.Feed(_called);
        var forged = new Wire(41000) { Called = s_service };
        _tracked.Feed(forged, [request]);
        byte[] more = System.Text.Encoding.UTF8.GetBytes(Post(Call(2, "hidden")));
        _tracked.Feed(
            forged,
            [request with { Sequence = request.Sequence + (uint)request.Length, Payload = more, Length = more.Length }]
        );
        _tracked.Flush();
        Assert.Equal(["tools/call hidden unpaired", "tools/call innocent unpaired"], _tracked.Summary.Order());
    }

    [Fact]
    public void A_connection_has_few_names()
    {
        _called.Open().FromClient(Post(Call(1)));
        _tracked.Feed(_called);
        for (int port = 1; port <= 10; port++)
        {
            _tracked.Feed(
                new Wire { Client = s_node with { Port = (ushort)port }, Called = s_service },
                [_called.Log[^1]]
            );
        }

        // Itself and three more each.
        Assert.Equal(3, _tracked.Tracker.Stats.Connections);
        _tracked.Flush();
    }

    // Each segment as the tap sees it: where its sender sent it first, where it is received last.
    private void Pass(Tracked tracked, IEnumerable<Sent> log, params Wire[] sights)
    {
        sights = sights.Length > 0 ? sights : [_called, _real];
        foreach (Sent sent in log)
        {
            foreach (Wire sight in sent.FromClient ? sights : sights.Reverse())
            {
                tracked.Feed(sight, [sent]);
            }
        }
    }

    private static IEnumerable<string> Ends(Tracked tracked) =>
        tracked.Json.Select(json =>
        {
            JsonElement call = JsonDocument.Parse(json).RootElement;
            return $"{End(call, "client")} -> {End(call, "server")} {call.GetProperty("status").GetString()}";
        });

    private static string End(JsonElement call, string name)
    {
        JsonElement end = call.GetProperty(name);
        return $"{end.GetProperty("address").GetString()}:{end.GetProperty("port").GetInt32()}";
    }
}
