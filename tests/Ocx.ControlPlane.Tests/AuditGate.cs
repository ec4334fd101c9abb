using System.Collections.Concurrent;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Ocx.Audit.Wire;

namespace Ocx.ControlPlane.Tests;

/// <summary>A gate as the auditor sees it: a stream over TLS with a token.</summary>
public sealed class AuditGate : IDisposable
{
    private readonly GrpcChannel _channel;
    private readonly AsyncDuplexStreamingCall<GateMessage, GateOrder> _call;
    private readonly Task _reading;
    private readonly string _instance = AuditAgent.NewInstance();
    private readonly ConcurrentDictionary<string, GateVerdict> _verdicts = new();
    private GateRules? _rules;
    private int _calls;

    private AuditGate(GrpcChannel channel, string? token)
    {
        _channel = channel;
        var headers = new Metadata();
        if (token is not null)
        {
            headers.Add("authorization", $"Bearer {token}");
        }

        _call = new Ocx.Audit.Wire.Auditor.AuditorClient(channel).Hold(headers);
        _reading = ReadAsync();
    }

    /// <summary>The audits that it has to hold for, each with its pods: <c>shop/rows: rows-1</c>.</summary>
    public IReadOnlyList<string> Rules =>
        [
            .. (Volatile.Read(ref _rules)?.Audits ?? []).Select(audit =>
                $"{audit.Audit}: {string.Join(' ', audit.Pods.Select(pod => pod.Name))}"
            ),
        ];

    /// <summary>Opens a stream, as soon as the auditor does not tell it to come again.</summary>
    public static async Task<AuditGate> OpenInTimeAsync(AuditorProcess auditor, string token, string node)
    {
        AuditGate? gate = null;
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    gate = await OpenAsync(auditor.Connect(), token, node);
                    return true;
                }
                catch (RpcException away) when (away.StatusCode == StatusCode.Unavailable)
                {
                    return false;
                }
            },
            "the auditor takes the gate"
        );
        return gate!;
    }

    /// <summary>Opens a stream that the auditor takes.</summary>
    public static async Task<AuditGate> OpenAsync(GrpcChannel channel, string? token, string node)
    {
        var gate = new AuditGate(channel, token);
        try
        {
            try
            {
                var hello = new GateHello { Instance = gate._instance, Node = node };
                await gate._call.RequestStream.WriteAsync(new GateMessage { Hello = hello });
            }
            catch (Exception refused) when (refused is RpcException or InvalidOperationException)
            {
                // Whoever reads is told why.
            }

            await gate.UntilAsync(() => Volatile.Read(ref gate._rules) is not null, "the gate has its rules");
            return gate;
        }
        catch
        {
            gate.Dispose();
            throw;
        }
    }

    /// <summary>Asks about a call to a pod.</summary>
    /// <returns>Its key.</returns>
    public async Task<string> AskAsync(string namespaceName, string pod, string tool)
    {
        string key = $"{_instance}{++_calls:x16}";
        await _call.RequestStream.WriteAsync(
            new GateMessage
            {
                Opened = new Opened
                {
                    Key = key,
                    TimeUnixNs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1_000_000,
                    Method = "tools/call",
                    Tool = tool,
                    Arguments = ByteString.CopyFromUtf8("{}"),
                    ArgumentsComplete = true,
                    ArgumentsDigest = ByteString.CopyFrom(new byte[32]),
                    Client = new Party { Address = "127.0.0.1:40000" },
                    Server = new Party
                    {
                        Address = "127.0.0.1:8080",
                        Namespace = namespaceName,
                        Pod = pod,
                    },
                },
            }
        );
        return key;
    }

    /// <summary>Says which pods it holds calls of.</summary>
    public Task HoldAsync(params string[] uids)
    {
        Assert.True(Volatile.Read(ref _rules)!.TellGated);
        return _call.RequestStream.WriteAsync(new GateMessage { Pods = new GatePods { Uids = { uids } } });
    }

    /// <summary>Says what became of a call that it held.</summary>
    public Task EndAsync(string key, TimeSpan held) =>
        _call.RequestStream.WriteAsync(
            new GateMessage
            {
                Ended = new GateEnded
                {
                    Key = key,
                    Held = GateHeld.Call,
                    End = GateEnd.Released,
                    HeldNs = (ulong)held.Ticks * 100,
                },
            }
        );

    /// <summary>Has a call its verdict by now?</summary>
    public bool HasVerdict(string key) => _verdicts.ContainsKey(key);

    public async Task<GateVerdict> VerdictAsync(string key)
    {
        await UntilAsync(() => HasVerdict(key), "the call has its verdict");
        return _verdicts[key];
    }

    public Task RulesAsync(params string[] rules) =>
        UntilAsync(() => Rules.SequenceEqual(rules), $"the gate's rules are {string.Join(", ", rules)}");

    public void Dispose()
    {
        _call.Dispose();
        _channel.Dispose();
    }

    private Task<TimeSpan> UntilAsync(Func<bool> holds, string what) =>
        Eventually.TrueAsync(
            async () =>
            {
                if (_reading.IsCompleted)
                {
                    await _reading;
                }

                return holds();
            },
            what
        );

    private async Task ReadAsync()
    {
        while (await _call.ResponseStream.MoveNext(CancellationToken.None))
        {
            GateOrder order = _call.ResponseStream.Current;
            if (order.Rules is { } rules)
            {
                Volatile.Write(ref _rules, rules);
            }
            else
            {
                _verdicts[order.Verdict.Key] = order.Verdict;
            }
        }
    }
}
