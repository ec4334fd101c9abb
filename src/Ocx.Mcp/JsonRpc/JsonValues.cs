using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;
using Ocx.Mcp.Buffers;

namespace Ocx.Mcp.JsonRpc;

/// <summary>
/// Single values of a JSON text: strings without allocating for those seen before, ids, and what is stepped over.
/// </summary>
internal sealed class JsonValues(Utf8StringCache strings)
{
    private static readonly SearchValues<byte> s_extension = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._/"u8
    );

    // Of a text that is asked for, with each of its bytes as \u0000 if it pleases.
    private const int LongestEscaped = 256;

    private readonly byte[] _unescaped = new byte[1024];

    /// <summary>Is the name or string that was read this text?</summary>
    public static bool Is(ref JsonTokens reader, ReadOnlySpan<byte> text) =>
        reader.ValueIsEscaped ? EscapedIs(ref reader, text) : reader.ValueSpan.SequenceEqual(text);

    /// <summary>Reads past the next value; false when the text ends in it.</summary>
    public static bool Skip(ref JsonTokens reader) => reader.Read() && SkipValue(ref reader);

    /// <summary>
    /// Reads past the value that was begun; false when the text ends in it. It stops where the text is nested too
    /// deep.
    /// </summary>
    public static bool SkipValue(ref JsonTokens reader)
    {
        if (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
        {
            return true;
        }

        int depth = reader.CurrentDepth;
        do
        {
            if (!reader.Read())
            {
                return false;
            }
        } while (reader.CurrentDepth > depth && reader.CurrentDepth <= JsonRpcParser.MaxDepth);
        return true;
    }

    /// <summary>Reads into the next value, if it is an object; else past it.</summary>
    /// <param name="reader">Stands before the value.</param>
    /// <param name="whole">False when the text ends in the value.</param>
    /// <returns>True when the members are next.</returns>
    public static bool TryEnterObject(ref JsonTokens reader, out bool whole)
    {
        whole = reader.Read();
        if (!whole || reader.TokenType == JsonTokenType.StartObject)
        {
            return whole;
        }

        whole = SkipValue(ref reader);
        return false;
    }

    /// <summary>
    /// Reads the name of the object's next member; false behind the last one, and where reading ends.
    /// </summary>
    /// <param name="reader">Stands behind the value before.</param>
    /// <param name="whole">
    /// Whether that was read whole; false when the text ends. It stays true where the text is nested too deep.
    /// </param>
    public static bool NextMember(ref JsonTokens reader, ref bool whole)
    {
        if (!whole || reader.CurrentDepth > JsonRpcParser.MaxDepth)
        {
            return false;
        }

        whole = reader.Read();
        return whole && reader.TokenType != JsonTokenType.EndObject;
    }

    /// <summary>
    /// Where an object ends whose members were read, or where the text does that holds only a part of them.
    /// </summary>
    public static int End(ref JsonTokens reader, ReadOnlySpan<byte> json, bool whole) =>
        HasEnded(ref reader, whole) ? reader.BytesConsumed : json.Length;

    /// <summary>Whether an object whose members were read is at its end; see <see cref="NextMember"/>.</summary>
    public static bool HasEnded(ref JsonTokens reader, bool whole) =>
        whole && reader.CurrentDepth <= JsonRpcParser.MaxDepth;

    /// <summary>Reads the next value: its text if it is a string, else what was known before.</summary>
    /// <param name="reader">Stands before the value.</param>
    /// <param name="known">What was known.</param>
    /// <param name="longest">To which the text is cut, in bytes.</param>
    /// <param name="whole">False when the text ends in the value.</param>
    [return: NotNullIfNotNull(nameof(known))]
    public string? NextText(ref JsonTokens reader, string? known, int longest, out bool whole)
    {
        whole = Skip(ref reader);
        return whole && reader.TokenType == JsonTokenType.String ? Text(ref reader, longest) : known;
    }

    /// <summary>Reads the next value as an id; false, and none, when the text ends in it.</summary>
    public bool TryId(ref JsonTokens reader, out JsonRpcId id)
    {
        bool whole = reader.Read();
        id = whole ? Id(ref reader) : default;
        return whole && SkipValue(ref reader);
    }

    /// <summary>
    /// The string that was read, without its escapes and cut to <paramref name="longest"/>; empty if it is none.
    /// </summary>
    public string Text(ref JsonTokens reader, int longest) =>
        reader.TokenType != JsonTokenType.String ? string.Empty
        : !reader.ValueIsEscaped ? strings.Get(reader.ValueSpan, longest)
        : strings.Get(Unescape(ref reader), longest);

    /// <summary>The id that was read; none if it is neither string nor number nor null.</summary>
    public JsonRpcId Id(ref JsonTokens reader) =>
        reader.TokenType switch
        {
            JsonTokenType.Null => new(JsonRpcIdKind.Null, 0),
            JsonTokenType.Number => JsonRpcId.From(JsonRpcIdKind.Number, reader.ValueSpan),
            JsonTokenType.String => JsonRpcId.From(
                JsonRpcIdKind.String,
                reader.ValueIsEscaped ? Unescape(ref reader) : reader.ValueSpan
            ),
            _ => default,
        };

    /// <summary>
    /// The member's name that was read, without its escapes; empty for one that is too long to matter.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // of each member that is looked at
    public ReadOnlySpan<byte> Name(ref JsonTokens reader) =>
        !reader.ValueIsEscaped ? reader.ValueSpan
        : reader.ValueSpan.Length <= _unescaped.Length ? Unescape(ref reader)
        : [];

    /// <summary>128 bits of the SHA-256 of the string that was read; 0 if it is none.</summary>
    public UInt128 Hash(ref JsonTokens reader)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            return 0;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(reader.ValueIsEscaped ? Unescape(ref reader) : reader.ValueSpan, hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }

    /// <summary>The names of the next value's members, if it is an object, with commas between.</summary>
    /// <param name="reader">Stands before the value.</param>
    /// <param name="known">What is told where it is none, or where the text ends in it.</param>
    /// <param name="whole">False when the text ends in the value.</param>
    /// <returns>
    /// As many as fit <see cref="Longest.Extensions"/>. Those with other characters than names of extensions have are
    /// left out.
    /// </returns>
    public string NextNames(ref JsonTokens reader, string known, out bool whole)
    {
        if (!TryEnterObject(ref reader, out whole))
        {
            return known;
        }

        Span<byte> found = stackalloc byte[Longest.Extensions];
        int length = 0;
        while (NextMember(ref reader, ref whole))
        {
            ReadOnlySpan<byte> name = Name(ref reader);
            int comma = length > 0 ? 1 : 0;
            if (!name.IsEmpty && length + comma + name.Length <= found.Length && !name.ContainsAnyExcept(s_extension))
            {
                found[length] = (byte)',';
                name.CopyTo(found[(length + comma)..]);
                length += comma + name.Length;
            }

            whole = Skip(ref reader);
        }

        return whole ? strings.Get(found[..length], Longest.Extensions) : known;
    }

    private static bool EscapedIs(ref JsonTokens reader, ReadOnlySpan<byte> text)
    {
        try
        {
            Span<byte> plain = stackalloc byte[LongestEscaped];
            return reader.ValueSpan.Length <= LongestEscaped && plain[..reader.CopyString(plain)].SequenceEqual(text);
        }
        catch (InvalidOperationException)
        {
            return false; // half a surrogate pair, which no text that is asked for has
        }
    }

    // Half a surrogate pair, or bytes that are no UTF-8, stay as they were written: some servers take such a name, so
    // the call is not to be missed.
    private ReadOnlySpan<byte> Unescape(ref JsonTokens reader)
    {
        byte[] to = reader.ValueSpan.Length <= _unescaped.Length ? _unescaped : new byte[reader.ValueSpan.Length];
        try
        {
            return to.AsSpan(0, reader.CopyString(to));
        }
        catch (InvalidOperationException)
        {
            reader.ValueSpan.CopyTo(to);
            return to.AsSpan(0, reader.ValueSpan.Length);
        }
    }
}
