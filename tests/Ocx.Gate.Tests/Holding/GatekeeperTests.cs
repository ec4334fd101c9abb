using System.Text;
using Ocx.Audit.Wire;
using Ocx.Gate.Counts;
using Ocx.Gate.Tests.Packets;
using Ocx.Mcp.Tcp;

namespace Ocx.Gate.Tests.Holding;

public sealed class GatekeeperTests
{
    private const string Initialize =
        "POST /mcp HTTP/1.1\r\nhost: rows\r\ncontent-type: application/json\r\ncontent-length: 75\r\n\r\n"
        + """{"method":"ping","params":{"padding":"0123456789"},"jsonrpc":"2.0","id":10}""";

    [Fact]
    public void What_is_no_audited_call_passes_at_once()
    {
        using var wire = new Wire(Wire.Audit());
        wire.Open();
        wire.FromClient(Initialize);
        wire.FromServer(Wire.Json("""{"result":{},"jsonrpc":"2.0","id":10}"""));

        Assert.Equal(Initialize, wire.ServerGot);
        Assert.Contains("\"result\":{}", wire.ClientGot);
        Assert.Equal(0, wire.Waiting);
        Assert.Equal(5, wire.Counts.Packets(PacketFate.Passed));
    }

    [Fact]
    public void An_irreversible_call_waits_and_is_released()
    {
        using var wire = new Wire(Wire.Audit());
        wire.Open();
        wire.FromClient(Wire.Post("delete_rows"));
        Assert.Empty(wire.ServerGot);

        Opened asked = wire.Asked();
        Assert.Equal("delete_rows", asked.Tool);
        wire.Decide(asked, release: true);
        Assert.Equal(Wire.Post("delete_rows"), wire.ServerGot);

        wire.FromServer(Wire.Json("""{"result":{"content":[]},"jsonrpc":"2.0","id":1}"""));
        Assert.Contains("content", wire.ClientGot);
        Assert.Equal(0, wire.Waiting);
    }

    [Fact]
    public void A_refused_call_never_reaches_the_server_and_its_client_gets_the_error()
    {
        using var wire = new Wire(Wire.Audit());
        wire.Open();
        wire.FromClient(Wire.Post("delete_rows", id: 7));
        wire.Decide(wire.Asked(), release: false);

        Assert.Empty(wire.ServerGot);
        Assert.True(wire.ServerReset);
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", wire.ClientGot);
        Assert.Contains("\"id\":7", wire.ClientGot);
        Assert.Contains("refused by audit: deletes 5000 rows", wire.ClientGot);
        Assert.True(wire.ClientSawEnd);
        Assert.Equal(0, wire.Waiting);
    }

    [Fact]
    public void A_request_in_many_packets_waits_until_it_is_complete()
    {
        using var wire = new Wire(Wire.Audit());
        wire.Open();
        string post = Wire.Post("delete_rows", arguments: $$"""{"ids":"{{new string('7', 4000)}}"}""");
        foreach (char[] piece in post.Chunk(500))
        {
            wire.FromClient(new string(piece));
        }

        Assert.Empty(wire.ServerGot);
        wire.Decide(wire.Asked(), release: true);
        Assert.Equal(post, wire.ServerGot);
    }

    [Fact]
    public void A_reversible_call_runs_at_once_and_its_result_waits()
    {
        using var wire = new Wire(Wire.Audit());
        wire.Open();
        wire.FromClient(Wire.Post("get_rows"));
        Assert.Equal(Wire.Post("get_rows"), wire.ServerGot);

        string answer = Wire.Json("""{"result":{"content":[{"type":"text","text":"ann"}]},"jsonrpc":"2.0","id":1}""");
        wire.FromServer(answer);
        Assert.Empty(wire.ClientGot);
        wire.Decide(wire.Asked(), release: true);
        Assert.Equal(answer, wire.ClientGot);
    }

    [Fact]
    public void A_verdict_that_is_there_before_the_result_holds_nothing()
    {
        using var wire = new Wire(Wire.Audit());
        wire.Open();
        wire.FromClient(Wire.Post("get_rows"));
        wire.Decide(wire.Asked(), release: true);
        string answer = Wire.Json("""{"result":{},"jsonrpc":"2.0","id":1}""");
        wire.FromServer(answer);
        Assert.Equal(answer, wire.ClientGot);
    }

    [Fact]
    public void What_TCP_sends_again_while_it_is_held_goes_nowhere()
    {
        using var wire = new Wire(Wire.Audit());
        wire.Open();
        string post = Wire.Post("delete_rows");
        wire.FromClient(post);
        wire.AgainFromClient(Encoding.UTF8.GetBytes(post));
        Assert.Empty(wire.ServerGot);
        Assert.Equal(1, wire.Waiting);
        wire.Decide(wire.Asked(), release: true);
        Assert.Equal(post, wire.ServerGot);
    }

    [Fact]
    public void Bytes_that_are_sent_again_and_say_something_else_go_nowhere()
    {
        using var wire = new Wire(Wire.Audit());
        wire.Open();
        string harmless = Wire.Post("get_rows__"),
            harmful = Wire.Post("drop_table");
        wire.FromClient(harmless);
        wire.AgainFromClient(Encoding.UTF8.GetBytes(harmful));
        Assert.Equal(harmless, wire.ServerGot);
        Assert.Equal(0, wire.Waiting);
    }

    [Fact]
    public void Held_bytes_that_come_again_in_other_packets_and_with_new_ones_are_known()
    {
        using var wire = new Wire(Wire.Audit());
        wire.Open();
        byte[] post = Encoding.UTF8.GetBytes(
            Wire.Post("delete_rows", arguments: $$"""{"ids":"{{new string('7', 900)}}"}""")
        );
        int told = 700;
        foreach (byte[] piece in post[..told].Chunk(50))
        {
            wire.FromClient(piece);
        }

        byte[] forged = [.. post[..told]];
        forged[110]++;
        wire.AgainFromClient(forged[100..told], post[told..]);
        Assert.True(wire.AsksNothing);

        wire.AgainFromClient(post[100..told], post[told..]);
        wire.Decide(wire.Asked(), release: true);
        Assert.Equal(Encoding.UTF8.GetString(post), wire.ServerGot);
        Assert.Equal(0, wire.Waiting);
    }

    [Fact]
    public void An_acknowledgment_that_was_given_in_the_servers_place_and_lost_is_given_again_at_once()
    {
        using var wire = new Wire(Wire.Audit());
        wire.Open();
        byte[] post = Encoding.UTF8.GetBytes(
            Wire.Post("delete_rows", arguments: $$"""{"ids":"{{new string('7', 20_000)}}"}""")
        );
        wire.FromClient(post[..10_000]);
        Assert.Equal(0, wire.Acknowledged);
        wire.AgainFromClient(post[..10_000]);
        Assert.Equal(10_000, wire.Acknowledged);

        int probes = wire.Probes.Count;
        wire.FromClient(post[10_000..11_000]);
        Assert.Equal((11_000, probes + 1), (wire.Acknowledged, wire.Probes.Count));
        wire.AgainFromClient(post[10_000..11_000]);
        Assert.Equal(probes + 2, wire.Probes.Count);
    }

    [Theory]
    [InlineData(GateFailurePolicy.Open)]
    [InlineData(GateFailurePolicy.Closed)]
    public void Without_a_verdict_the_deadline_decides(GateFailurePolicy policy)
    {
        using var wire = new Wire(Wire.Audit(policy, releaseOnDeadline: policy == GateFailurePolicy.Open));
        wire.Open();
        wire.FromClient(Wire.Post("delete_rows"));
        wire.Pass(TimeSpan.FromSeconds(9));
        Assert.Equal(1, wire.Waiting);
        wire.Pass(TimeSpan.FromSeconds(2));
        Assert.Equal(0, wire.Waiting);
        Assert.Equal(policy == GateFailurePolicy.Open, wire.ServerGot.Length > 0);
        Assert.Equal(policy == GateFailurePolicy.Closed, wire.ClientGot.Contains("nobody decided in time"));
    }

    [Theory]
    [InlineData(GateFailurePolicy.Open)]
    [InlineData(GateFailurePolicy.Closed)]
    public void What_cannot_be_read_passes_or_ends(GateFailurePolicy policy)
    {
        using var wire = new Wire(Wire.Audit(policy));
        wire.Open();
        wire.FromClient("\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003tls");
        Assert.Equal(policy == GateFailurePolicy.Open, wire.ServerGot.Length > 0);
        Assert.Equal(policy == GateFailurePolicy.Closed, wire.ServerReset && wire.ClientReset);
        Assert.Equal(0, wire.Waiting);
    }

    [Theory]
    [InlineData(GateFailurePolicy.Open)]
    [InlineData(GateFailurePolicy.Closed)]
    public void A_fault_of_the_gates_own_costs_one_connection(GateFailurePolicy policy)
    {
        using var wire = new Wire(Wire.Audit(policy));
        wire.Open();
        wire.FailOnce();
        wire.FromClient(Initialize);
        bool opens = policy == GateFailurePolicy.Open;
        Assert.Equal(0, wire.Waiting);
        Assert.Equal(opens ? Initialize : "", wire.ServerGot);
        Assert.Equal(!opens, wire.ServerReset && wire.ClientReset);
        Assert.Equal(1, wire.Counts.Faults);
        Assert.NotNull(wire.Counts.LastFault);

        wire.FromAnother(IpEndpoint.From([10, 0, 0, 9], 1), Wire.Post("delete_rows"));
        Assert.Equal("delete_rows", wire.Asked().Tool);
    }

    [Theory]
    [InlineData(GateFailurePolicy.Open)]
    [InlineData(GateFailurePolicy.Closed)]
    public void A_fault_with_a_verdict_costs_its_connection(GateFailurePolicy policy)
    {
        using var wire = new Wire(Wire.Audit(policy));
        wire.Open();
        wire.FromClient(Wire.Post("delete_rows"));
        Opened asked = wire.Asked();
        wire.FailOnce();
        wire.Decide(asked, release: true);
        Assert.Equal(0, wire.Waiting);
        Assert.Equal(policy == GateFailurePolicy.Closed, wire.ServerReset && wire.ClientReset);
        Assert.Equal(1, wire.Counts.Faults);
    }

    [Fact]
    public void A_packet_with_a_wrong_checksum_is_not_taken_for_what_the_client_sent()
    {
        using var wire = new Wire(Wire.Audit());
        wire.Open();
        wire.UnverifiedFromClient(Wire.Post("get_rows__"), isIntact: false);
        Assert.Empty(wire.ServerGot);
        Assert.Equal(0, wire.Waiting);
        wire.UnverifiedFromClient(Wire.Post("drop_table"), isIntact: true);
        Assert.Equal("drop_table", wire.Asked().Tool);
        Assert.Empty(wire.ServerGot);
    }

    // Whatever is not dropped is put into the server's stream, which has no place for a fragment.
    [Fact]
    public void A_fragment_never_reaches_the_server()
    {
        using var wire = new Wire(Wire.Audit(GateFailurePolicy.Open));
        wire.Open();
        // More fragments follow this one, which begins at 0 (RFC 8200, 4.5).
        wire.FromClientRaw(KnownPackets.With(44, 6, 0, 0, 1, 0, 0, 0, 7));
        Assert.Equal(0, wire.Waiting);
        Assert.Equal("", wire.ServerGot);
    }

    [Theory]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":}")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"", 2 << 20, "\"}")]
    public void An_answer_that_cannot_be_read_says_nothing_of_the_next_call(string body, int more = 0, string end = "")
    {
        using var wire = new Wire(Wire.Audit());
        wire.Open();
        wire.FromClient(Initialize);
        foreach (char[] piece in Wire.Json(body + new string('x', more) + end).Chunk(60_000))
        {
            wire.FromServer(new string(piece));
        }

        wire.FromClient(Initialize);

        Assert.Equal(Initialize + Initialize, wire.ServerGot);
        Assert.Equal(0, wire.Waiting);
    }

    [Fact]
    public void Refused_calls_leave_nothing_that_fills_the_parser()
    {
        using var wire = new Wire(Wire.Audit());
        for (int call = 0; call < 40_000; call++)
        {
            wire.FromAnother(
                IpEndpoint.From([10, 0, 1, (byte)(call >> 14)], (ushort)(1 + (call & 0x3FFF))),
                Delete(call)
            );
            wire.Decide(wire.Asked(), release: false);
            if (call % 1000 == 0)
            {
                wire.Pass(TimeSpan.FromMilliseconds(500));
            }
        }

        Assert.Empty(wire.OthersSent);
        Assert.DoesNotContain("cannot be read", wire.OthersGot, StringComparison.Ordinal);
        Assert.Equal(0, wire.Shed);
        Assert.Equal(40_000, wire.Counts.Audits.Single().Value.Calls(GateHeld.Call, GateEnd.Refused));

        // Of a session, whose answers may come on another connection.
        static string Delete(int id) =>
            Wire.Post("delete_rows", id + 1).Replace("host: rows\r\n", $"host: rows\r\nmcp-session-id: {id % 10}\r\n");
    }

    [Fact]
    public void Both_ends_of_a_connection_that_is_met_in_its_middle_learn_of_its_end_wherever_they_are()
    {
        using var wire = new Wire(Wire.Audit());
        wire.IsOpen();
        wire.FromServer("the rest of an answer that was sent before");
        Assert.True(wire.ServerReset);
        Assert.True(wire.ClientReset);

        // Each is asked from behind where it may be (RFC 9293, 3.10.7.4).
        Assert.Equal([(false, 5000u), (true, 1000u)], wire.Probes);
    }
}
