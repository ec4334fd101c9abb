using System.Net.Sockets;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Ocx.Audit.Wire;

namespace Ocx.AuditBench;

/// <summary>An agent's stream to the auditor: calls are told as fast as they are acknowledged.</summary>
internal sealed class AgentStream : IDisposable
{
    private const string Instance = "0123456789abcdef";

    private readonly GrpcChannel _channel;
    private readonly AsyncDuplexStreamingCall<AgentMessage, AuditorMessage> _call;
    private ulong _sequence;

    private AgentStream(GrpcChannel channel) =>
        (_channel, _call) = (channel, new Ocx.Audit.Wire.Auditor.AuditorClient(channel).Report());

    public static async Task<AgentStream> OpenAsync(string socket)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellation) =>
            {
                var to = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await to.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellation);
                return new NetworkStream(to, ownsSocket: true);
            },
        };
        var options = new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true };
        var stream = new AgentStream(GrpcChannel.ForAddress("http://auditor", options));
        await stream._call.RequestStream.WriteAsync(
            new AgentMessage
            {
                Hello = new Hello
                {
                    Version = "bench",
                    Node = "bench",
                    Instance = Instance,
                },
            }
        );
        await stream.NextAsync();
        return stream;
    }

    /// <summary>Tells of a call.</summary>
    public Task TellAsync(int port)
    {
        ulong number = ++_sequence;
        return _call.RequestStream.WriteAsync(
            new AgentMessage
            {
                Sequence = number,
                Opened = new Opened
                {
                    Key = $"{Instance}{number:x16}",
                    TimeUnixNs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1_000_000,
                    Method = "tools/call",
                    Tool = "create_order",
                    Arguments = ByteString.CopyFromUtf8(BenchAudit.Arguments((long)number)),
                    ArgumentsComplete = true,
                    RequestBytes = 400,
                    Client = new Party { Address = "127.0.0.1:40000" },
                    Server = new Party { Address = $"127.0.0.1:{port}" },
                    Completeness = Completeness.Complete,
                },
            }
        );
    }

    /// <summary>The next acknowledgement.</summary>
    public async Task<ulong> NextAsync() =>
        await _call.ResponseStream.MoveNext(CancellationToken.None)
            ? _call.ResponseStream.Current.Acknowledgement.Through
            : throw new InvalidOperationException("the auditor ended the stream");

    public void Dispose()
    {
        _call.Dispose();
        _channel.Dispose();
    }
}
