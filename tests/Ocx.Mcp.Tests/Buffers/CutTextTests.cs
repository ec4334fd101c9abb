using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Ocx.Mcp.Buffers;
using Ocx.Mcp.Tests.Calls;

namespace Ocx.Mcp.Tests.Buffers;

/// <summary>
/// Texts that peers choose are kept to a stated length, say that they were cut, and stay different where they were.
/// </summary>
public class CutTextTests
{
    private readonly Utf8StringCache _strings = new();

    [Fact]
    public void A_longer_text_ends_in_a_hash_of_the_whole()
    {
        string one = Get(new string('a', 500_000) + "1"),
            two = Get(new string('a', 500_000) + "2");

        Assert.Equal(128, Encoding.UTF8.GetByteCount(one));
        Assert.Matches("^a{93}…[0-9a-f]{32}$", one);
        Assert.NotEqual(one, two);
    }

    [Fact]
    public void No_text_is_longer_than_its_bound_or_cut_within_a_character() =>
        Prop.ForAll(
                ArbMap.Default.ArbFor<NonNull<string>>(),
                Gen.Choose(0, 200).ToArbitrary(),
                (text, times) =>
                {
                    string whole = Encoding.UTF8.GetString(
                        Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(text.Get, times)))
                    );
                    string kept = Get(whole);
                    return Encoding.UTF8.GetByteCount(whole) <= 128
                        ? kept == whole
                        : Encoding.UTF8.GetByteCount(kept) <= 128
                            && whole.StartsWith(kept[..^33], StringComparison.Ordinal);
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void Each_text_of_a_record_is_cut_and_calls_of_long_session_ids_are_paired()
    {
        string @long = new('x', 60_000);
        Tracked tracked = new();
        Wire asks = new(),
            listens = new(40001);
        string session = $"Mcp-Session-Id: {@long}\r\n";
        tracked.Feed(listens.Open().FromClient($"GET /mcp HTTP/1.1\r\n{session}\r\n").FromServer(Peer.EventStream()));
        tracked.Feed(
            asks.Open()
                .FromClient(
                    Peer.Post(Peer.Call(1, @long), session + $"MCP-Protocol-Version: 2025-11-25{@long[..300]}\r\n")
                )
                .FromServer(Peer.Accepted)
        );
        listens.Log.Clear();
        tracked.Feed(listens.FromServer(Peer.Event(Peer.Result(1)))).Flush();

        Assert.Equal("ok", tracked.Only.GetProperty("status").GetString());
        foreach (
            (string property, int longest) in new[]
            {
                ("name", Longest.Name),
                ("session", Longest.SessionId),
                ("protocolVersion", Longest.ProtocolVersion),
            }
        )
        {
            Assert.Equal(longest, Encoding.UTF8.GetByteCount(tracked.Only.GetProperty(property).GetString()!));
        }
    }

    private string Get(string text) => _strings.Get(Encoding.UTF8.GetBytes(text), Longest.Method);
}
