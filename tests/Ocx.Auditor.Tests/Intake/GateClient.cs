using System.Collections.Concurrent;
using Grpc.Core;
using Ocx.Audit.Wire;

namespace Ocx.Auditor.Tests.Intake;

/// <summary>A gate's stream to the auditor, message by message.</summary>
internal sealed class GateClient : IDisposable
{
    private readonly AsyncDuplexStreamingCall<GateMessage, GateOrder> _call;
    private readonly Task _reading;
    private readonly ConcurrentDictionary<string, List<GateVerdict>> _verdicts = new();
    private readonly ConcurrentQueue<GateRules> _rules = new();

    private GateClient(AsyncDuplexStreamingCall<GateMessage, GateOrder> call)
    {
        _call = call;
        _reading = ReadAsync();
    }

    public const string Instance = "fedcba9876543210";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>What came, in its order.</summary>
    public IReadOnlyList<GateRules> Rules => [.. _rules];

    public static string Key(int call) => $"{Instance}{call:x16}";

    public static async Task<GateClient> OpenAsync(Audit.Wire.Auditor.AuditorClient client)
    {
        var gate = new GateClient(client.Hold(cancellationToken: Cancellation));
        await gate.SendAsync(
            new GateMessage
            {
                Hello = new GateHello
                {
                    Instance = Instance,
                    Node = "n",
                    Version = "0.1.0",
                },
            }
        );
        await gate.RulesAsync(1);
        return gate;
    }

    /// <summary>One that says what a test likes.</summary>
    public static GateClient Begin(Audit.Wire.Auditor.AuditorClient client) =>
        new(client.Hold(cancellationToken: Cancellation));

    public Task SendAsync(GateMessage message) => _call.RequestStream.WriteAsync(message, Cancellation);

    public Task AskAsync(Opened opened) => SendAsync(new GateMessage { Opened = opened });

    public async Task<GateVerdict> VerdictAsync(string key)
    {
        await UntilAsync(() => _verdicts.ContainsKey(key));
        return Assert.Single(_verdicts[key]);
    }

    /// <summary>Is there one by now?</summary>
    public bool HasVerdict(string key) => _verdicts.ContainsKey(key);

    public async Task<GateRules> RulesAsync(int count)
    {
        await UntilAsync(() => _rules.Count >= count);
        return _rules.ElementAt(count - 1);
    }

    /// <summary>Why the auditor ended it.</summary>
    public Task<RpcException> EndedAsync() => Assert.ThrowsAsync<RpcException>(() => _reading);

    public void Dispose() => _call.Dispose();

    private Task UntilAsync(Func<bool> holds) =>
        Wait.UntilAsync(
            () =>
            {
                if (_reading.IsFaulted)
                {
                    _reading.GetAwaiter().GetResult();
                }

                return holds();
            },
            Cancellation
        );

    private async Task ReadAsync()
    {
        while (await _call.ResponseStream.MoveNext(Cancellation))
        {
            GateOrder order = _call.ResponseStream.Current;
            if (order.Rules is { } rules)
            {
                _rules.Enqueue(rules);
            }
            else
            {
                _verdicts.AddOrUpdate(
                    order.Verdict.Key,
                    _ => [order.Verdict],
                    (_, before) => [.. before, order.Verdict]
                );
            }
        }
    }
}
