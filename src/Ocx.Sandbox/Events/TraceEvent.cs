using System.Buffers.Binary;
using System.Net;
using System.Text;
using Google.Protobuf;
using Ocx.Audit.Rehearsals;
using Ocx.Text;

namespace Ocx.Sandbox.Events;

/// <summary>What a message of gVisor's runtime monitoring tells.</summary>
/// <param name="Program">The path of a program that was started.</param>
/// <param name="Connection">A connection that was tried.</param>
/// <param name="Lost">How many messages gVisor could not send since its start.</param>
internal readonly record struct TraceEvent(string? Program, ConnectionTry? Connection, uint Lost)
{
    // pkg/sentry/seccheck/points/common.proto, MessageType.
    private const ushort ExecMessage = 3;
    private const ushort ConnectMessage = 10;

    // sentry.proto ExecveInfo.binary_path; syscall.proto Connect.exit and .address, Exit.errorno.
    private const int BinaryPathField = 2;
    private const int ExitField = 2;
    private const int AddressField = 6;
    private const int ErrorField = 2;

    private const int InternetFour = 2;
    private const int InternetSix = 10;
    private const int InProgress = 115;

    // pkg/sentry/seccheck/sinks/remote/wire/wire.go: three little-endian numbers.
    private const int HeaderSize = 8;

    /// <summary>
    /// Reads a message. Who sends it is not trusted: a sandbox that has broken out of its kernel writes what it likes.
    /// </summary>
    /// <returns>Null where it is none that can be read.</returns>
    public static TraceEvent? Read(ReadOnlyMemory<byte> message)
    {
        if (message.Length < HeaderSize)
        {
            return null;
        }

        int header = BinaryPrimitives.ReadUInt16LittleEndian(message.Span);
        ushort type = BinaryPrimitives.ReadUInt16LittleEndian(message.Span[2..]);
        uint lost = BinaryPrimitives.ReadUInt32LittleEndian(message.Span[4..]);
        if (header < HeaderSize || header > message.Length)
        {
            return null;
        }

        try
        {
            using var body = new CodedInputStream(message[header..].ToArray());
            return type switch
            {
                ExecMessage => new TraceEvent(ProgramOf(body), null, lost),
                ConnectMessage => new TraceEvent(null, ConnectionOf(body), lost),
                _ => new TraceEvent(null, null, lost),
            };
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    private static string? ProgramOf(CodedInputStream body)
    {
        while (body.ReadTag() is var tag && tag != 0)
        {
            if (tag == WireFormat.MakeTag(BinaryPathField, WireFormat.WireType.LengthDelimited))
            {
                // What comes behind it are arguments and variables, which are not looked at.
                return Shown(body.ReadBytes());
            }

            body.SkipLastField();
        }

        return null;
    }

    private static ConnectionTry? ConnectionOf(CodedInputStream body)
    {
        ByteString address = ByteString.Empty;
        long error = 0;
        while (body.ReadTag() is var tag && tag != 0)
        {
            switch (tag)
            {
                case var exit when exit == WireFormat.MakeTag(ExitField, WireFormat.WireType.LengthDelimited):
                    error = ErrorOf(body.ReadBytes());
                    break;
                case var to when to == WireFormat.MakeTag(AddressField, WireFormat.WireType.LengthDelimited):
                    address = body.ReadBytes();
                    break;
                default:
                    body.SkipLastField();
                    break;
            }
        }

        return AddressOf(address.Span) is { } end
            ? new ConnectionTry(end.Address.ToString(), end.Port, error is not (0 or InProgress))
            : null;
    }

    private static long ErrorOf(ByteString exit)
    {
        using CodedInputStream body = exit.CreateCodedInput();
        while (body.ReadTag() is var tag && tag != 0)
        {
            if (tag == WireFormat.MakeTag(ErrorField, WireFormat.WireType.Varint))
            {
                return body.ReadInt64();
            }

            body.SkipLastField();
        }

        return 0;
    }

    // struct sockaddr_in and sockaddr_in6. Port 0 is no connection: so the C library asks for its own address.
    private static IPEndPoint? AddressOf(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 8)
        {
            return null;
        }

        int family = BinaryPrimitives.ReadUInt16LittleEndian(bytes);
        int port = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        IPAddress? address = family switch
        {
            InternetFour => new IPAddress(bytes[4..8]),
            InternetSix when bytes.Length >= 24 => new IPAddress(bytes[8..24]),
            _ => null,
        };
        if (address is null || port == 0)
        {
            return null;
        }

        return new IPEndPoint(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, port);
    }

    private static string Shown(ByteString bytes) =>
        WireText.Escape(Encoding.UTF8.GetString(bytes.Span), EffectsLimits.Name);
}
