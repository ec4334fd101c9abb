using FsCheck;
using FsCheck.Fluent;
using Ocx.Mcp.Tcp;

namespace Ocx.Mcp.Tests.Tcp;

/// <summary>
/// The reassembler against a model that knows the whole stream: an array, and a mark for each byte that was captured.
/// </summary>
public class ReassemblyModelTests
{
    private const int StreamLength = 300;

    private static readonly byte[] s_stream =
    [
        .. Enumerable.Range(0, StreamLength).Select(i => (byte)('a' + (i % 26))),
    ];

    /// <summary>
    /// Arbitrary pieces of the stream: any place, any length, any order, overlapping, repeated, some bytes never sent.
    /// </summary>
    private static readonly Arbitrary<(int At, int Length)[]> s_pieces = Gen.Choose(0, StreamLength - 1)
        .SelectMany(at => Gen.Choose(1, 40).Select(length => (at, Math.Min(length, StreamLength - at))))
        .ArrayOf()
        .ToArbitrary();

    [Fact]
    public void Every_captured_byte_comes_out_once_and_in_order_and_every_other_byte_in_a_gap() =>
        Prop.ForAll(
                s_pieces,
                pieces =>
                {
                    var recorder = new Recorder();
                    var wire = new Wire();
                    recorder.Feed(wire, wire.Open().Log);
                    bool[] captured = new bool[StreamLength];
                    foreach ((int at, int length) in pieces)
                    {
                        recorder.Feed(
                            wire,
                            [new(true, (uint)(1001 + at), 9001, TcpFlags.Ack, s_stream[at..(at + length)], length)]
                        );
                        Array.Fill(captured, true, at, length);
                    }

                    if (pieces.Length == 0)
                    {
                        return true;
                    }

                    recorder.Table.Flush(recorder.Now);
                    return Model(captured) == recorder.Sink.FromClient && recorder.Budget.Used == 0;
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void Two_streams_shuffled_together_come_out_as_they_were_sent() =>
        Prop.ForAll(
                Gen.Choose(1, 60).ArrayOf().Where(sizes => sizes.Length > 0).ToArbitrary(),
                Gen.Choose(0, int.MaxValue).ToArbitrary(),
                (sizes, seed) =>
                {
                    var wire = new Wire().Open();
                    for (int i = 0; i < sizes.Length; i++)
                    {
                        wire.Send(
                            i % 2 == 0,
                            [.. Enumerable.Range(0, sizes[i]).Select(n => (byte)('a' + ((n + i) % 26)))],
                            split: 1 + (seed % 20)
                        );
                    }

                    Sent[] data = [.. wire.Log.Skip(2).Concat(wire.Log.Skip(2).Where((_, i) => i % 3 == 0))];
                    new Random(seed).Shuffle(data);
                    Recorder inOrder = new(),
                        shuffled = new();
                    inOrder.Feed(wire, wire.Log);
                    shuffled.Feed(wire, wire.Log.Take(2)).Feed(wire, data, stepNs: 1);
                    return (inOrder.Sink.FromClient, inOrder.Sink.FromServer)
                            == (shuffled.Sink.FromClient, shuffled.Sink.FromServer)
                        && shuffled.Table.Counters.Gaps == 0;
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    private static string Model(bool[] captured)
    {
        var text = new System.Text.StringBuilder();
        int missing = 0,
            last = Array.LastIndexOf(captured, true);
        for (int i = 0; i <= last; i++)
        {
            if (!captured[i])
            {
                missing++;
                continue;
            }

            text.Append(missing > 0 ? $"{{{missing}}}" : string.Empty).Append((char)s_stream[i]);
            missing = 0;
        }

        return text.ToString();
    }
}
