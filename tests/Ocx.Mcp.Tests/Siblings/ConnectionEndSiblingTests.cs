using Ocx.Mcp.Tcp;
using Ocx.Mcp.Tests.Calls;

namespace Ocx.Mcp.Tests.Siblings;

/// <summary>The ways in which a connection ends behind a call.</summary>
public sealed class ConnectionEndSiblingTests
{
    [Theory]
    [InlineData("client half-closes before the answer")]
    [InlineData("client resets after the answer")]
    [InlineData("answer and FIN in one segment")]
    [InlineData("FINs sent again")]
    [InlineData("data sent again after the FIN")]
    [InlineData("reset of a connection that is closed")]
    public void A_connection_ends_in_another_way(string way)
    {
        foreach (int split in new[] { 40, int.MaxValue })
        {
            Wire wire = new Wire().Open().FromClient(Peer.Post(Peer.Call(0, "c0")), split);
            int end = wire.Log.Count;
            string answer = Peer.Ok(Peer.Result(0));
            switch (way)
            {
                case "client half-closes before the answer":
                    wire.Close();
                    Sent fin = wire.Log[end];
                    wire.Log.RemoveRange(end + 1, 1);
                    wire.Unseen(false, -1);
                    wire.FromServer(answer, split).Close(byClient: false);
                    wire.Log.RemoveAt(wire.Log.Count - 1);
                    wire.Log.Insert(end + 1, fin);
                    break;
                case "answer and FIN in one segment":
                    wire.FromServer(answer, split);
                    wire.Log[^1] = wire.Log[^1] with { Flags = TcpFlags.Ack | TcpFlags.Fin };
                    break;
                case "client resets after the answer":
                    wire.FromServer(answer, split);
                    Sent last = wire.Log.FindLast(sent => sent.FromClient)!;
                    wire.Log.Add(
                        last with
                        {
                            Sequence = last.Sequence + (uint)last.Length,
                            Flags = TcpFlags.Rst,
                            Payload = [],
                            Length = 0,
                        }
                    );
                    break;
                default:
                    wire.FromServer(answer, split).Close();
                    wire.Log.AddRange(
                        way switch
                        {
                            "FINs sent again" => wire.Log[^2..],
                            "data sent again after the FIN" => wire.Log[2..],
                            _ =>
                            [
                                wire.Log[^1] with
                                {
                                    Flags = TcpFlags.Rst,
                                },
                                wire.Log[^2] with
                                {
                                    Flags = TcpFlags.Rst,
                                },
                            ],
                        }
                    );
                    break;
            }

            Tracked tracked = new();
            tracked.Feed(wire).Flush();
            Telling.Is($"{way}, {split}", ["c0 ok"], tracked);
            Assert.Equal(1, tracked.Tracker.Stats.Connections);
        }
    }
}
