using System.Text;
using ModelContextProtocol.Client;
using Ocx.Kernel.Tests.Harness;

namespace Ocx.Kernel.Tests.Gate;

/// <summary>What a tap sees of results that a gate holds, on the interface behind it.</summary>
public sealed class HeldOnWireTests : KernelTest
{
    private const int Results = 10;

    private static readonly TimeSpan s_hold = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Nothing_of_a_held_result_is_on_the_wire_and_at_most_one_copy_of_it_after()
    {
        using var server = new GatedServer();
        using GateProcess gate = server.StartGate();
        var clients = new List<McpClient>();
        try
        {
            for (int i = 0; i < Results; i++)
            {
                clients.Add(await server.ConnectAsync());
            }

            string[] texts = [.. Enumerable.Range(0, Results).Select(i => $"asked {i}, {new string('.', 500)}")];
            Task<string>[] calls;
            IReadOnlyList<string> pending;
            using (TapSession held = TapSession.Start(server.Server, "server0"))
            {
                calls = [.. clients.Zip(texts, (client, text) => GatedServer.CallAsync(client, "echo", text))];
                pending = server.AwaitPending(Results);
                await server.AwaitHeldAnswersAsync(Results);
                await Task.Delay(s_hold, TestContext.Current.CancellationToken);
                Capture before = held.Stop();
                // The calls themselves were there.
                Assert.All(texts, text => Assert.NotEmpty(Carrying(before, text, fromServer: false)));
                Assert.All(texts, text => Assert.Empty(Carrying(before, text, fromServer: true)));
                Assert.DoesNotContain(calls, call => call.IsCompleted);
            }

            using TapSession released = TapSession.Start(server.Server, "server0");
            Assert.All(pending, id => server.Auditor.Audit("approve", id));
            Assert.Equal(texts, await Task.WhenAll(calls));
            Capture after = released.Stop();
            Assert.All(texts, text => Assert.InRange(Carrying(after, text, fromServer: true).Count(), 1, 2));
        }
        finally
        {
            foreach (McpClient client in clients)
            {
                await client.DisposeAsync();
            }
        }
    }

    private static IEnumerable<Segment> Carrying(Capture capture, string text, bool fromServer) =>
        capture.Segments.Where(segment =>
            segment.Source.Port == 8080 == fromServer
            && segment.Payload.AsSpan().IndexOf(Encoding.ASCII.GetBytes(text.Split(',')[0] + ",")) >= 0
        );
}
