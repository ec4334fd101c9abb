using System.Buffers.Binary;
using System.Text;

namespace Ocx.Mcp.Http;

/// <summary>What a TLS ClientHello says in clear: where to, and which protocol inside (RFC 8446, 4.1.2).</summary>
/// <param name="ServerName">The SNI host name (RFC 6066, 3), or empty.</param>
/// <param name="Alpn">The first ALPN protocol (RFC 7301), or empty.</param>
public readonly record struct TlsClientHello(string ServerName, string Alpn)
{
    /// <summary>The longest record, header included (RFC 8446, 5.1).</summary>
    public const int MaxRecordLength = 5 + (16 << 10);

    /// <summary>What a record of the handshake begins with.</summary>
    public const byte Handshake = 0x16;

    private const int ServerNameExtension = 0;
    private const int AlpnExtension = 16;

    /// <summary>
    /// The length of the record that <paramref name="data"/> begins, or 0 when its header is not complete.
    /// </summary>
    public static int RecordLength(ReadOnlySpan<byte> data) =>
        data.Length < 5 ? 0 : 5 + BinaryPrimitives.ReadUInt16BigEndian(data[3..]);

    /// <summary>Reads the hello in a record; false when it is none.</summary>
    public static bool TryParse(ReadOnlySpan<byte> record, out TlsClientHello hello)
    {
        hello = new(string.Empty, string.Empty);
        const int VersionAndRandom = 2 + 32;
        if (
            record.Length < 9
            || record[5] != 1
            || !TrySkip(ref record, 9 + VersionAndRandom)
            || !TryVector(ref record, 1, out _)
            || !TryVector(ref record, 2, out _)
            || !TryVector(ref record, 1, out _)
            || !TryVector(ref record, 2, out ReadOnlySpan<byte> extensions)
        )
        {
            return false;
        }

        while (extensions.Length >= 4)
        {
            int type = BinaryPrimitives.ReadUInt16BigEndian(extensions);
            extensions = extensions[2..];
            if (!TryVector(ref extensions, 2, out ReadOnlySpan<byte> body))
            {
                return false;
            }

            if (
                type == ServerNameExtension
                && TryVector(ref body, 2, out ReadOnlySpan<byte> names)
                && TrySkip(ref names, 1)
                && TryVector(ref names, 2, out ReadOnlySpan<byte> host)
            )
            {
                hello = hello with { ServerName = Printable(host) };
            }
            else if (
                type == AlpnExtension
                && TryVector(ref body, 2, out ReadOnlySpan<byte> protocols)
                && TryVector(ref protocols, 1, out ReadOnlySpan<byte> first)
            )
            {
                hello = hello with { Alpn = Printable(first) };
            }
        }

        return true;
    }

    private static bool TrySkip(ref ReadOnlySpan<byte> data, int bytes)
    {
        bool enough = data.Length >= bytes;
        data = enough ? data[bytes..] : [];
        return enough;
    }

    private static bool TryVector(ref ReadOnlySpan<byte> data, int lengthBytes, out ReadOnlySpan<byte> vector)
    {
        vector = [];
        if (data.Length < lengthBytes)
        {
            return false;
        }

        int length = lengthBytes == 1 ? data[0] : BinaryPrimitives.ReadUInt16BigEndian(data);
        if (data.Length < lengthBytes + length)
        {
            return false;
        }

        vector = data.Slice(lengthBytes, length);
        data = data[(lengthBytes + length)..];
        return true;
    }

    private static string Printable(ReadOnlySpan<byte> name) =>
        name.IndexOfAnyExceptInRange((byte)0x21, (byte)0x7e) < 0 ? Encoding.ASCII.GetString(name) : string.Empty;
}
