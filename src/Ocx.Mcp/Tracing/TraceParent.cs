using System.Buffers;
using System.Globalization;

namespace Ocx.Mcp.Tracing;

/// <summary>
/// Who caused a call: the trace and the span that a client names in <c>traceparent</c> (W3C Trace Context, 3.2).
/// </summary>
/// <param name="TraceId">The trace; 0 for none.</param>
/// <param name="SpanId">The client's span.</param>
/// <param name="Flags">Its flags; the lowest bit is "sampled".</param>
public readonly record struct TraceParent(UInt128 TraceId, ulong SpanId, byte Flags)
{
    /// <summary>The longest <c>tracestate</c> that is kept, in bytes.</summary>
    public const int LongestState = 512;

    private const int Length = 55;

    private static readonly SearchValues<byte> s_hex = SearchValues.Create("0123456789abcdef"u8);

    /// <summary>True when a client named its span.</summary>
    public bool IsValue => TraceId != 0;

    /// <summary>
    /// Reads the header's value; none when it is not well-formed. A later version may have more behind a hyphen.
    /// </summary>
    public static TraceParent Parse(ReadOnlySpan<byte> text)
    {
        bool fits = text.Length == Length || (text.Length > Length && text[Length] == '-' && !text.StartsWith("00"u8));
        if (
            !fits
            || text[2] != '-'
            || text[35] != '-'
            || text[52] != '-'
            || !IsHex(text[..2])
            || text.StartsWith("ff"u8)
            || !IsHex(text[3..35])
            || !IsHex(text[36..52])
            || !IsHex(text[53..55])
        )
        {
            return default;
        }

        var trace = UInt128.Parse(text[3..35], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        ulong span = ulong.Parse(text[36..52], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        byte flags = byte.Parse(text[53..55], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        return trace == 0 || span == 0 ? default : new(trace, span, flags);
    }

    private static bool IsHex(ReadOnlySpan<byte> text) => text.IndexOfAnyExcept(s_hex) < 0;
}
