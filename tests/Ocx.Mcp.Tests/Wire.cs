using System.Text;
using Ocx.Mcp.Tcp;

namespace Ocx.Mcp.Tests;

/// <summary>A segment that can be kept, shuffled and sent twice.</summary>
public sealed record Sent(
    bool FromClient,
    uint Sequence,
    uint Acknowledgment,
    TcpFlags Flags,
    byte[] Payload,
    int Length
);

/// <summary>The segments of one connection, as its two ends send them.</summary>
public sealed class Wire(int clientPort = 40000, uint clientStart = 1000, uint serverStart = 9000)
{
    public static readonly IpEndpoint Server = IpEndpoint.From([10, 0, 0, 2], 8080);

    // No two connections of a server begin with the same number of its own.
    private uint _client = clientStart,
        _server = unchecked(serverStart + ((uint)(clientPort - 40000) << 16));

    public IpEndpoint Client { get; init; } = IpEndpoint.From([10, 0, 0, 1], (ushort)clientPort);

    /// <summary>The server's address on the wire; another where it is translated.</summary>
    public IpEndpoint Called { get; init; } = Server;

    public List<Sent> Log { get; } = [];

    public Wire Open()
    {
        Log.Add(new(true, _client++, 0, TcpFlags.Syn, [], 0));
        Log.Add(new(false, _server++, _client, TcpFlags.Syn | TcpFlags.Ack, [], 0));
        return this;
    }

    public Wire FromClient(string text, int split = int.MaxValue) => Send(true, Encoding.UTF8.GetBytes(text), split);

    public Wire FromServer(string text, int split = int.MaxValue) => Send(false, Encoding.UTF8.GetBytes(text), split);

    public Wire Send(bool fromClient, byte[] data, int split = int.MaxValue)
    {
        foreach (byte[] part in data.Chunk(Math.Min(split, Math.Max(1, data.Length))))
        {
            Log.Add(
                new(
                    fromClient,
                    fromClient ? _client : _server,
                    fromClient ? _server : _client,
                    TcpFlags.Ack,
                    part,
                    part.Length
                )
            );
            (_client, _server) = fromClient
                ? (_client + (uint)part.Length, _server)
                : (_client, _server + (uint)part.Length);
        }

        return this;
    }

    /// <summary>Bytes that pass while the tap looks away.</summary>
    public Wire Unseen(bool fromClient, int bytes)
    {
        (_client, _server) = fromClient ? (_client + (uint)bytes, _server) : (_client, _server + (uint)bytes);
        return this;
    }

    public Wire Close(bool byClient = true)
    {
        for (int i = 0; i < 2; i++)
        {
            bool client = byClient == (i == 0);
            Log.Add(
                new(
                    client,
                    client ? _client++ : _server++,
                    client ? _server : _client,
                    TcpFlags.Fin | TcpFlags.Ack,
                    [],
                    0
                )
            );
        }

        return this;
    }

    public TcpSegment At(Sent sent, long timestampUnixNs) =>
        new()
        {
            TimestampUnixNs = timestampUnixNs,
            Source = sent.FromClient ? Client : Called,
            Destination = sent.FromClient ? Called : Client,
            Sequence = sent.Sequence,
            Acknowledgment = sent.Acknowledgment,
            Flags = sent.Flags,
            Length = sent.Length,
            Payload = sent.Payload,
        };
}
