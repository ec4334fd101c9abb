using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Ocx.Gate.Queues;
using Ocx.Gate.Rules;
using Ocx.Kernel.Tests.Harness;
using Ocx.Netfilter;
using NetworkNamespace = Ocx.Kernel.Tests.Harness.NetworkNamespace;

namespace Ocx.Kernel.Tests.Gate;

/// <summary>A client and a server in namespaces of their own, with a gate in the server's.</summary>
internal sealed class GatedPair : IDisposable
{
    public const ushort Port = 8080;
    public const ushort FirstQueue = 20480;

    private readonly VethPair _pair;
    private readonly Socket _listener;
    private readonly ConcurrentBag<PacketDecider> _deciders = [];

    /// <param name="isIpv6">Which IP version the two talk.</param>
    /// <param name="decide">What happens to packets.</param>
    /// <param name="queues">How many queues.</param>
    /// <param name="options">How they are opened.</param>
    /// <param name="passWithoutGate">The rules' word for when there is no gate.</param>
    public GatedPair(
        bool isIpv6,
        PacketDecider.Decide decide,
        int queues = 1,
        PacketQueueOptions? options = null,
        bool passWithoutGate = false
    )
    {
        _pair = isIpv6
            ? new VethPair("fd00::1/64 nodad", "fd00::2/64 nodad")
            : new VethPair("10.0.0.1/24", "10.0.0.2/24");
        Address = new IPEndPoint(_pair.ServerAddress, Port);
        _listener = Server.Run(() => new Socket(Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        _listener.Bind(Address);
        _listener.Listen();
        Gate = GatedNamespace.Open(
            Ocx.Netfilter.NetworkNamespace.Open(Server.Name),
            new QueueRange(FirstQueue, queues),
            options ?? new PacketQueueOptions { Number = FirstQueue },
            exits =>
            {
                var decider = new PacketDecider(exits, decide);
                _deciders.Add(decider);
                return decider;
            }
        );
        Gate.SetPorts([new QueuedPort(Port, passWithoutGate)]);
    }

    public NetworkNamespace Client => _pair.Client;

    public NetworkNamespace Server => _pair.Server;

    public IPEndPoint Address { get; }

    public GatedNamespace Gate { get; }

    public int Held => _deciders.Sum(decider => decider.Held);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async Task<(Socket Client, Socket Server)> ConnectAsync()
    {
        Socket client = NewClient();
        await client.ConnectAsync(Address, Cancellation);
        return (client, await _listener.AcceptAsync(Cancellation));
    }

    public Socket NewClient() =>
        Client.Run(() => new Socket(Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });

    /// <summary>Waits until packets are held.</summary>
    public Task HoldingAsync(int atLeast = 1) => WaitAsync(() => Held >= atLeast);

    /// <summary>All packets pass from now on, those that are held first.</summary>
    public void Release()
    {
        foreach (PacketDecider decider in _deciders)
        {
            decider.Release();
        }
        foreach (QueueWorker worker in Gate.Workers)
        {
            worker.Wake();
        }
    }

    /// <summary>What is held gets no verdict when the gate closes.</summary>
    public void Abandon()
    {
        foreach (PacketDecider decider in _deciders)
        {
            decider.IsAbandoned = true;
        }
    }

    public static async Task WaitAsync(Func<bool> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        while (!condition())
        {
            await Task.Delay(1, limit.Token);
        }
    }

    /// <summary>Reads so many bytes.</summary>
    public static async Task<byte[]> ReadAsync(Socket socket, int length)
    {
        byte[] bytes = new byte[length];
        using var stream = new NetworkStream(socket);
        await stream.ReadExactlyAsync(bytes, Cancellation);
        return bytes;
    }

    /// <summary>Reads so many characters.</summary>
    public static async Task<string> ReadTextAsync(Socket socket, int length) =>
        Encoding.ASCII.GetString(await ReadAsync(socket, length));

    public void Dispose()
    {
        Gate.Dispose();
        _listener.Dispose();
        _pair.Dispose();
    }
}
