using System.Security.Cryptography;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Ocx.Audit.Wire;

namespace Ocx.ControlPlane.Tests;

/// <summary>An agent as the auditor sees it: a stream over TLS with a token. It sends nothing again.</summary>
public sealed class AuditAgent : IDisposable
{
    // What is told again is told as it was: the time of a call is that of its number.
    private static readonly long s_began = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1_000_000;

    private readonly GrpcChannel _channel;
    private readonly AsyncDuplexStreamingCall<AgentMessage, AuditorMessage> _call;
    private readonly Task _reading;
    private readonly string _instance;
    private ulong _through = ulong.MaxValue;
    private ulong _sequence;

    private AuditAgent(GrpcChannel channel, string? token, string instance)
    {
        _channel = channel;
        _instance = instance;
        var headers = new Metadata();
        if (token is not null)
        {
            headers.Add("authorization", $"Bearer {token}");
        }

        _call = new Ocx.Audit.Wire.Auditor.AuditorClient(channel).Report(headers);
        _reading = ReadAsync();
    }

    /// <summary>What the keys of its calls begin with.</summary>
    public static string NewInstance() => RandomNumberGenerator.GetHexString(16, lowercase: true);

    /// <summary>Opens a stream that the auditor takes.</summary>
    public static async Task<AuditAgent> OpenAsync(
        GrpcChannel channel,
        string? token,
        string node,
        string? instance = null
    )
    {
        var agent = new AuditAgent(channel, token, instance ?? NewInstance());
        try
        {
            await agent.GreetAsync(node);
            await agent.AcknowledgedAsync(0);
            return agent;
        }
        catch
        {
            agent.Dispose();
            throw;
        }
    }

    /// <summary>The same, as soon as it is not told to come again.</summary>
    public static async Task<AuditAgent> OpenInTimeAsync(
        AuditorProcess auditor,
        string token,
        string node,
        string? instance = null
    )
    {
        AuditAgent? agent = null;
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    agent = await OpenAsync(auditor.Connect(), token, node, instance);
                    return true;
                }
                catch (RpcException away) when (away.StatusCode == StatusCode.Unavailable)
                {
                    return false;
                }
            },
            "the auditor takes the agent"
        );
        return agent!;
    }

    /// <summary>Why the auditor does not take a stream.</summary>
    public static async Task<Status> RefusedAsync(GrpcChannel channel, string? token, string node)
    {
        var refusal = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            using var agent = await OpenAsync(channel, token, node);
        });
        return refusal.Status;
    }

    /// <summary>Tells of a call, and waits until it has its record or is nobody's.</summary>
    /// <returns>Its key.</returns>
    public async Task<string> CallAsync(string server, string tool)
    {
        string key = await SendCallAsync(server, tool);
        await AcknowledgedAsync(_sequence);
        return key;
    }

    /// <summary>Tells of a call.</summary>
    /// <returns>Its key.</returns>
    public async Task<string> SendCallAsync(string server, string tool)
    {
        string key = Key(_sequence + 1);
        await SendAsync(
            new AgentMessage
            {
                Opened = new Opened
                {
                    Key = key,
                    TimeUnixNs = s_began + (1_000 * ((long)_sequence + 1)),
                    Method = "tools/call",
                    Tool = tool,
                    Arguments = ByteString.CopyFromUtf8("{}"),
                    ArgumentsComplete = true,
                    Server = new Party { Address = server },
                },
            },
            ++_sequence
        );
        return key;
    }

    /// <summary>The key of one of its calls, by its place.</summary>
    public string Key(ulong call) => $"{_instance}{call:x16}";

    /// <summary>How many are acknowledged.</summary>
    public ulong Through => Volatile.Read(ref _through) is var through && through == ulong.MaxValue ? 0 : through;

    public Task AcknowledgedAsync(ulong through) =>
        Eventually.TrueAsync(
            async () =>
            {
                if (_reading.IsCompleted)
                {
                    await _reading;
                }

                return Volatile.Read(ref _through) is var seen && seen != ulong.MaxValue && seen >= through;
            },
            "the auditor acknowledges"
        );

    public void Dispose()
    {
        _call.Dispose();
        _channel.Dispose();
    }

    private async Task GreetAsync(string node)
    {
        var hello = new Hello
        {
            Instance = _instance,
            Node = node,
            Version = "0.0.1",
        };
        try
        {
            await SendAsync(new AgentMessage { Hello = hello }, 0);
        }
        catch (Exception refused) when (refused is RpcException or InvalidOperationException)
        {
            // Whoever reads is told why.
        }
    }

    private Task SendAsync(AgentMessage message, ulong sequence)
    {
        message.Sequence = sequence;
        return _call.RequestStream.WriteAsync(message);
    }

    private async Task ReadAsync()
    {
        while (await _call.ResponseStream.MoveNext(CancellationToken.None))
        {
            Volatile.Write(ref _through, _call.ResponseStream.Current.Acknowledgement.Through);
        }
    }
}
