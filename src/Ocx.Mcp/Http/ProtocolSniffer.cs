namespace Ocx.Mcp.Http;

/// <summary>What a stream's first bytes say it is.</summary>
public enum Protocol
{
    /// <summary>Too few bytes to say.</summary>
    NeedMore,

    /// <summary>A client's HTTP/1.x.</summary>
    HttpRequest,

    /// <summary>A server's HTTP/1.x.</summary>
    HttpResponse,

    /// <summary>HTTP/2 with prior knowledge: the connection preface (RFC 9113, 3.4).</summary>
    Http2,

    /// <summary>
    /// What a proxy says of the client before the client's first byte; see <see cref="ProxyHeader"/>.
    /// </summary>
    ProxyHeader,

    /// <summary>A TLS handshake record (RFC 8446, 5.1).</summary>
    Tls,

    /// <summary>JSON text, one message a line.</summary>
    JsonLines,

    /// <summary>None of these.</summary>
    Unknown,
}

/// <summary>Recognises the protocol of a stream by its beginning.</summary>
public static class ProtocolSniffer
{
    /// <summary>The bytes that are always enough to decide.</summary>
    public const int Enough = 24;

    private const int TlsRecordHeader = 5,
        LongestTlsRecord = (16 << 10) + 256,
        Http2FrameHeader = 9;
    private const int ShortestMethod = 3,
        LongestMethod = 16;

    private static readonly byte[][] s_methods =
    [
        .. new[] { "POST ", "GET ", "DELETE ", "OPTIONS ", "PUT ", "HEAD ", "PATCH ", "CONNECT ", "TRACE " }.Select(
            System.Text.Encoding.ASCII.GetBytes
        ),
    ];

    /// <summary>What <paramref name="data"/> begins.</summary>
    public static Protocol Sniff(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
        {
            return Protocol.NeedMore;
        }

        if (ProxyHeader.MayBegin(data, out bool begun))
        {
            return begun ? Protocol.ProxyHeader : Protocol.NeedMore;
        }

        switch (data[0])
        {
            case (byte)'{' or (byte)'[':
                return Protocol.JsonLines;
            case 0xEF:
                return !Begins(data, "\uFEFF"u8, out bool cut)
                    ? cut
                        ? Protocol.NeedMore
                        : Protocol.Unknown
                    : data.Length == 3
                        ? Protocol.NeedMore
                        : data[3] is (byte)'{' or (byte)'['
                            ? Protocol.JsonLines
                            : Protocol.Unknown;
            case 0x16:
                return data.Length < 3 ? Protocol.NeedMore
                    : data[1] == 3 && data[2] <= 4 ? Protocol.Tls
                    : Protocol.Unknown;
            case 0x14 or 0x15 or 0x17:
                return data.Length < TlsRecordHeader ? Protocol.NeedMore
                    : IsTlsRecord(data) ? Protocol.Tls
                    : Protocol.Unknown;
            case 0:
                return data.Length < Http2FrameHeader ? Protocol.NeedMore
                    : IsHttp2Settings(data) ? Protocol.Http2
                    : Protocol.Unknown;
            case (byte)'\r' or (byte)'\n' or (byte)' ' or (byte)'\t':
                ReadOnlySpan<byte> rest = data.TrimStart("\r\n \t"u8);
                return data.Length - rest.Length > Enough / 2 ? Protocol.Unknown : Sniff(rest);
        }

        if (Begins(data, "HTTP/1."u8, out bool more))
        {
            return Protocol.HttpResponse;
        }

        bool undecided = more;
        if (Begins(data, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, out more))
        {
            return Protocol.Http2;
        }

        undecided |= more;
        foreach (byte[] method in s_methods)
        {
            if (Begins(data, method, out more))
            {
                return Protocol.HttpRequest;
            }

            undecided |= more;
        }

        return IsOtherMethod(data, out more) ? Protocol.HttpRequest
            : undecided || more ? Protocol.NeedMore
            : Protocol.Unknown;
    }

    // A connection that is met in its middle: records of what is encrypted, alerts (RFC 8446, 5.1).
    private static bool IsTlsRecord(ReadOnlySpan<byte> data) =>
        data[1] == 3 && data[2] <= 4 && ((data[3] << 8) | data[4]) is > 0 and <= LongestTlsRecord;

    // A server's first frame, whose client's preface was not seen: no flags but ACK, and stream 0 (RFC 9113, 6.5).
    private static bool IsHttp2Settings(ReadOnlySpan<byte> data) =>
        ((data[1] << 8) | data[2]) % 6 == 0
        && data[3] == 4
        && data[4] <= 1
        && data[5..Http2FrameHeader].IndexOfAnyExcept((byte)0) < 0;

    // Methods of WebDAV and their like, which probes use: capital letters before a path or a whole URL.
    private static bool IsOtherMethod(ReadOnlySpan<byte> data, out bool needMore)
    {
        int length = data.IndexOfAnyExceptInRange((byte)'A', (byte)'Z');
        needMore = length < 0 ? data.Length <= LongestMethod : length + 1 == data.Length && data[length] == (byte)' ';
        needMore &= length is < 0 or >= ShortestMethod;
        return length is >= ShortestMethod and <= LongestMethod
            && data[length] == (byte)' '
            && data.Length > length + 1
            && data[length + 1] is (byte)'/' or (byte)'*' or (byte)'h';
    }

    private static bool Begins(ReadOnlySpan<byte> data, ReadOnlySpan<byte> with, out bool needMore)
    {
        needMore = data.Length < with.Length && with.StartsWith(data);
        return data.StartsWith(with);
    }
}
