namespace Ocx.Mcp.Http;

/// <summary>The names of content codings (RFC 9110, 8.4.1; RFC 8878 for zstd).</summary>
internal static class ContentCodings
{
    /// <summary>
    /// The one coding that a Content-Encoding line names; unknown for one that cannot be decoded here and for several
    /// in a row.
    /// </summary>
    public static ContentCoding Of(ReadOnlySpan<byte> name) =>
        name.IsEmpty || Token.Is(name, "identity"u8) ? ContentCoding.Identity
        : Token.Is(name, "gzip"u8) || Token.Is(name, "x-gzip"u8) ? ContentCoding.Gzip
        : Token.Is(name, "deflate"u8) ? ContentCoding.Deflate
        : Token.Is(name, "br"u8) ? ContentCoding.Brotli
        : Token.Is(name, "zstd"u8) ? ContentCoding.Zstd
        : ContentCoding.Unknown;
}
