using System.Numerics;

namespace Ocx.Mcp.Http;

/// <summary>
/// The codings of a body, in the order in which they were applied (RFC 9110, 8.4: the last one is undone first).
/// </summary>
public readonly record struct ContentCodings
{
    // A message with more of them than anybody needs is not decoded.
    private const int Most = 4;
    private const int Bits = 4;

    // Four bits a coding, the first applied lowest.
    private readonly uint _packed;

    private ContentCodings(uint packed) => _packed = packed;

    /// <summary>Codings that are one in all.</summary>
    public static ContentCodings Of(ContentCoding coding) => default(ContentCodings).Add(coding);

    /// <summary>True for a body that is not coded.</summary>
    public bool IsEmpty => _packed == 0;

    /// <summary>The one that was applied last; identity when there is none.</summary>
    public ContentCoding Last => IsEmpty ? ContentCoding.Identity : (ContentCoding)(_packed >> (Length - Bits));

    /// <summary>Those that were applied before the last one.</summary>
    public ContentCodings BeforeLast => IsEmpty ? this : new(_packed & ((1u << (Length - Bits)) - 1));

    // Of all of them, in bits; not asked when there is none.
    private int Length => (BitOperations.Log2(_packed) / Bits * Bits) + Bits;

    /// <summary>These, and then another. More than can be decoded become one that is unknown.</summary>
    public ContentCodings Add(ContentCoding coding) =>
        coding == ContentCoding.Identity ? this
        : IsEmpty ? new ContentCodings((uint)coding)
        : Last == ContentCoding.Unknown || Length == Most * Bits ? new ContentCodings((uint)ContentCoding.Unknown)
        : new ContentCodings(_packed | ((uint)coding << Length));

    /// <summary>These, and then others.</summary>
    public ContentCodings Add(ContentCodings others) => others.IsEmpty ? this : Add(others.BeforeLast).Add(others.Last);

    /// <summary>As Content-Encoding would have them.</summary>
    public override string ToString() =>
        IsEmpty ? nameof(ContentCoding.Identity)
        : BeforeLast.IsEmpty ? $"{Last}"
        : $"{BeforeLast}, {Last}";

    /// <summary>These, and then those of a Content-Encoding line: a list with commas.</summary>
    internal ContentCodings AddLine(ReadOnlySpan<byte> line)
    {
        ContentCodings all = this;
        foreach (Range part in line.Split((byte)','))
        {
            all = all.Add(Named(line[part].Trim(" \t"u8)));
        }

        return all;
    }

    /// <summary>The coding of a name (RFC 9110, 8.4.1; RFC 8878 for zstd).</summary>
    internal static ContentCoding Named(ReadOnlySpan<byte> name) =>
        name.IsEmpty || Token.Is(name, "identity"u8) ? ContentCoding.Identity
        : Token.Is(name, "gzip"u8) || Token.Is(name, "x-gzip"u8) ? ContentCoding.Gzip
        : Token.Is(name, "deflate"u8) ? ContentCoding.Deflate
        : Token.Is(name, "br"u8) ? ContentCoding.Brotli
        : Token.Is(name, "zstd"u8) ? ContentCoding.Zstd
        : ContentCoding.Unknown;
}
