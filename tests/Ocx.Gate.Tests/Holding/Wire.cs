using System.Text;
using Ocx.Audit.Wire;
using Ocx.Gate.Asking;
using Ocx.Gate.Counts;
using Ocx.Gate.Holding;
using Ocx.Gate.Packets;
using Ocx.Mcp.Pairing;
using Ocx.Mcp.Tcp;

namespace Ocx.Gate.Tests.Holding;

/// <summary>
/// One connection through a gate, packet by packet: what the test has each end send, and what came to the other. The
/// test is the auditor too.
/// </summary>
internal sealed class Wire : IPacketExits, IDisposable
{
    private static readonly IpEndpoint s_client = IpEndpoint.From([10, 0, 0, 1], 40000);
    private static readonly IpEndpoint s_server = IpEndpoint.From([10, 0, 0, 2], 8080);

    private readonly Dictionary<uint, byte[]> _queued = [];
    private readonly AuditorMailbox _mailbox;
    private readonly WorkerInbox _inbox;
    private readonly Gatekeeper _keeper;
    private readonly IpEndpoint _from;
    private readonly StringBuilder _othersGot = new();
    private readonly StringBuilder _othersSent = new();
    private bool _fails;
    private uint _id;
    private uint _clientNext = 1000;
    private uint _serverNext = 5000;
    private long _now = 1_000_000_000;

    public Wire(GateAudit audit, ushort clientPort = 40000)
    {
        _from = s_client with { Port = clientPort };
        _mailbox = new AuditorMailbox(HoldRules.Of(new GateRules { Audits = { audit } }));
        _mailbox.Connected();
        _inbox = _mailbox.Join(() => { });
        _keeper = new Gatekeeper(new KeeperBounds { Keys = new CallKeys() }, _inbox, this, Counts);
    }

    public WorkerCounts Counts { get; } = new();

    /// <summary>What the server's end got, as TCP would put it together.</summary>
    public MemoryStream ToServer { get; } = new();

    public MemoryStream ToClient { get; } = new();

    public string ServerGot => Encoding.UTF8.GetString(ToServer.ToArray());

    /// <summary>What other clients' packets had that went on, in the order in which they did.</summary>
    public string OthersGot => _othersGot.ToString();

    /// <summary>What their servers got.</summary>
    public string OthersSent => _othersSent.ToString();

    /// <summary>Packets without bytes that the gate sent by itself to ask an end where it is.</summary>
    public List<(bool ToServer, uint Sequence)> Probes { get; } = [];

    public string ClientGot => Encoding.UTF8.GetString(ToClient.ToArray());

    /// <summary>How many of the client's bytes were acknowledged to it.</summary>
    public long Acknowledged { get; private set; }

    /// <summary>What the gate's parser gave up.</summary>
    public long Shed => _keeper.ParserStats.Shed;

    public bool ServerReset { get; private set; }

    public bool ClientReset { get; private set; }

    public bool ClientSawEnd { get; private set; }

    public int Waiting => _queued.Count;

    public static GateAudit Audit(
        GateFailurePolicy policy = GateFailurePolicy.Closed,
        bool releaseOnDeadline = false
    ) =>
        new()
        {
            Audit = "rows",
            Port = 8080,
            Methods = { "tools/call" },
            Classes =
            {
                new GateClass { Tools = "get_*", Reversible = true },
            },
            FailurePolicy = policy,
            MaxHoldNs = 10_000_000_000,
            ReleaseOnDeadline = releaseOnDeadline,
        };

    public static string Post(string tool, int id = 1, string arguments = "{}")
    {
        string body =
            $$$"""{"method":"tools/call","params":{"name":"{{{tool}}}","arguments":{{{arguments}}}},"jsonrpc":"2.0","""
            + $"\"id\":{id}}}";
        return "POST /mcp HTTP/1.1\r\nhost: rows\r\ncontent-type: application/json\r\n"
            + "accept: application/json, text/event-stream\r\n"
            + $"content-length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";
    }

    public static string Json(string body) =>
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
        + $"content-length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";

    public void Open()
    {
        Packet(isCall: true, _clientNext++, 0, TcpFlags.Syn, []);
        Packet(isCall: false, _serverNext++, _clientNext, TcpFlags.Syn | TcpFlags.Ack, []);
        Packet(isCall: true, _clientNext, _serverNext, TcpFlags.Ack, []);
    }

    /// <summary>The connection is older than the gate.</summary>
    public void IsOpen() => (_clientNext, _serverNext) = (_clientNext + 1, _serverNext + 1);

    /// <summary>A SYN of the same ends, somewhere else.</summary>
    public void AnotherSyn() => Packet(isCall: true, _clientNext + 1_000_000, 0, TcpFlags.Syn, []);

    public void FromClient(string text) => FromClient(Encoding.UTF8.GetBytes(text));

    public void FromClient(byte[] bytes)
    {
        Packet(isCall: true, _clientNext, _serverNext, TcpFlags.Ack, bytes);
        _clientNext += (uint)bytes.Length;
    }

    /// <summary>TCP sends the last so many bytes again.</summary>
    public void AgainFromClient(byte[] bytes) =>
        Packet(isCall: true, _clientNext - (uint)bytes.Length, _serverNext, TcpFlags.Ack, bytes);

    /// <summary>TCP sends the last so many bytes again, and the last new ones in the same packet.</summary>
    public void AgainFromClient(byte[] old, byte[] fresh) =>
        Packet(isCall: true, _clientNext - (uint)old.Length, _serverNext, TcpFlags.Ack, [.. old, .. fresh]);

    public void FromServer(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Packet(isCall: false, _serverNext, _clientNext, TcpFlags.Ack, bytes);
        _serverNext += (uint)bytes.Length;
    }

    /// <summary>The client's end says that it has all that the server has sent.</summary>
    public void AcknowledgedByClient() => Packet(isCall: true, _clientNext, _serverNext, TcpFlags.Ack, []);

    /// <summary>Both ends close the connection, the client first.</summary>
    public void Close()
    {
        Packet(isCall: true, _clientNext++, _serverNext, TcpFlags.Fin | TcpFlags.Ack, []);
        Packet(isCall: false, _serverNext++, _clientNext, TcpFlags.Fin | TcpFlags.Ack, []);
        Packet(isCall: true, _clientNext, _serverNext, TcpFlags.Ack, []);
    }

    /// <summary>TCP sends the last so many bytes before the client's FIN again.</summary>
    public void LateFromClient(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Packet(isCall: true, _clientNext - 1 - (uint)bytes.Length, _serverNext - 1, TcpFlags.Ack, bytes);
    }

    /// <summary>TCP sends the last so many bytes before the server's FIN again.</summary>
    public void LateFromServer(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Packet(isCall: false, _serverNext - 1 - (uint)bytes.Length, _clientNext - 1, TcpFlags.Ack, bytes);
    }

    /// <summary>A packet of the client's whose checksum the kernel has not looked at yet.</summary>
    public void UnverifiedFromClient(string text, bool isIntact)
    {
        byte[] packet = Make(isCall: true, _clientNext, _serverNext, TcpFlags.Ack, Encoding.UTF8.GetBytes(text), _from);
        packet[36] ^= (byte)(isIntact ? 0 : 1);
        _queued.Add(++_id, packet);
        _keeper.OnPacket(_id, isInput: true, isUnverified: true, packet);
        _keeper.OnFlushed();
        _clientNext += isIntact ? (uint)text.Length : 0;
    }

    public void AgainFromServer(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Packet(isCall: false, _serverNext - (uint)bytes.Length, _clientNext, TcpFlags.Ack, bytes);
    }

    /// <summary>The beginning of another client's connection, of which nothing is followed here.</summary>
    public void FromAnother(IpEndpoint client, string text)
    {
        uint first = First(client);
        Packet(isCall: true, first, 0, TcpFlags.Syn, [], client);
        Packet(isCall: false, first, first + 1, TcpFlags.Syn | TcpFlags.Ack, [], client);
        uint sequence = first + 1;
        foreach (byte[] piece in Encoding.UTF8.GetBytes(text).Chunk(60_000))
        {
            Packet(isCall: true, sequence, first + 1, TcpFlags.Ack, piece, client);
            sequence += (uint)piece.Length;
        }
    }

    /// <summary>The server's first bytes to that other client.</summary>
    public void ToAnother(IpEndpoint client, string text) =>
        Packet(isCall: false, First(client) + 1, First(client) + 1, TcpFlags.Ack, Encoding.UTF8.GetBytes(text), client);

    /// <summary>The client breaks its connection off.</summary>
    public void ResetByClient() => Packet(isCall: true, _clientNext, 0, TcpFlags.Rst, []);

    /// <summary>A packet of the client's that lies behind so many bytes that are not there.</summary>
    public void EarlyFromClient(int gap, string text) =>
        Packet(isCall: true, _clientNext + (uint)gap, _serverNext, TcpFlags.Ack, Encoding.UTF8.GetBytes(text));

    /// <summary>The next question to the auditor.</summary>
    public Opened Asked() => NextAsked() ?? throw new InvalidOperationException("nothing is asked");

    /// <summary>Nothing more is asked of the auditor.</summary>
    public bool AsksNothing => NextAsked() is null;

    private Opened? NextAsked()
    {
        while (_mailbox.Next() is { } message)
        {
            if (message.Opened is { } opened)
            {
                return opened;
            }
        }

        return null;
    }

    public void Decide(Opened opened, bool release, string reason = "deletes 5000 rows")
    {
        _mailbox.Answer(
            opened.Key,
            new GateVerdict
            {
                Key = opened.Key,
                Release = release,
                Code = -32090,
                Reason = reason,
                Audit = "rows",
            },
            System.Diagnostics.Stopwatch.GetTimestamp()
        );
        _keeper.Hear(_now);
    }

    public void Pass(TimeSpan time)
    {
        _now += (long)time.TotalNanoseconds;
        _keeper.Tick(_now);
    }

    /// <summary>The gate fails, once, when it lets the next packet go.</summary>
    public void FailOnce() => _fails = true;

    public void Accept(uint id)
    {
        if (_fails)
        {
            _fails = false;
            throw new InvalidOperationException("a fault of the gate's own");
        }

        Arrive(_queued[id], id);
    }

    public void Accept(uint id, ReadOnlySpan<byte> packet) => Arrive(packet.ToArray(), id);

    public void Drop(uint id) => Assert.True(_queued.Remove(id));

    public void Send(ReadOnlySpan<byte> packet) => Arrive(packet.ToArray(), null);

    public void Dispose()
    {
        _inbox.Dispose();
        _mailbox.Dispose();
    }

    /// <summary>A packet to the server, as it is.</summary>
    public void FromClientRaw(byte[] packet)
    {
        _queued.Add(++_id, packet);
        _keeper.Take(_id, isCall: true, packet, _now);
        _keeper.OnFlushed();
    }

    private void Packet(
        bool isCall,
        uint sequence,
        uint acknowledgment,
        TcpFlags flags,
        byte[] payload,
        IpEndpoint? other = null
    )
    {
        byte[] packet = Make(isCall, sequence, acknowledgment, flags, payload, other ?? _from);
        _queued.Add(++_id, packet);
        _now += 1000;
        _keeper.Take(_id, isCall, packet, _now);
        _keeper.OnFlushed();
    }

    private static byte[] Make(
        bool isCall,
        uint sequence,
        uint acknowledgment,
        TcpFlags flags,
        byte[] payload,
        IpEndpoint client
    )
    {
        var reply = new TcpReply
        {
            Source = isCall ? client : s_server,
            Destination = isCall ? s_server : client,
            Sequence = sequence,
            Acknowledgment = acknowledgment,
            Window = 65535,
        };
        byte[] packet = new byte[payload.Length + TcpReply.LongestHeaders];
        packet = packet[..reply.Write(packet, ReplyKind.Data, payload)];
        packet[33] = (byte)flags;
        TcpEdit.Seal(packet);
        return packet;
    }

    // Connections with the same numbers would be one, seen on both sides of an address translation.
    private static uint First(IpEndpoint client) => (client.Port * 1_000_003u) + (uint)client.Address;

    private void Arrive(byte[] packet, uint? id)
    {
        if (id is { } queued)
        {
            Assert.True(_queued.Remove(queued));
        }

        Assert.True(TcpPacket.TryParse(packet, out TcpPacket tcp));
        bool toServer = tcp.Destination == s_server;
        if ((toServer ? tcp.Source : tcp.Destination) != _from)
        {
            string text = Encoding.UTF8.GetString(tcp.Payload);
            (toServer ? _othersSent : _othersGot).Append(text);
            return;
        }

        if (tcp.Flags.HasFlag(TcpFlags.Rst))
        {
            (ServerReset, ClientReset) = (ServerReset || toServer, ClientReset || !toServer);
            return;
        }

        if (!toServer && tcp.Flags.HasFlag(TcpFlags.Ack))
        {
            Acknowledged = Math.Max(Acknowledged, unchecked((int)(tcp.Acknowledgment - 1001)));
        }

        if (id is null && tcp.Payload.IsEmpty)
        {
            Probes.Add((toServer, tcp.Sequence));
        }

        MemoryStream stream = toServer ? ToServer : ToClient;
        ClientSawEnd |= !toServer && tcp.Flags.HasFlag(TcpFlags.Fin);
        long offset = unchecked((int)(tcp.Sequence - (toServer ? 1001u : 5001u)));
        if (tcp.Payload.Length > 0 && offset + tcp.Payload.Length > stream.Length)
        {
            Assert.True(offset <= stream.Length, "a gap");
            stream.SetLength(offset);
            stream.Position = offset;
            stream.Write(tcp.Payload);
        }
    }
}
