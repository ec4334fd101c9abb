using System.Buffers;
using System.Buffers.Binary;
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

    private readonly byte[] _unescaped = new byte[1024];

    /// <summary>Is the name or string that was read this text?</summary>
    public static bool Is(ref Utf8JsonReader reader, ReadOnlySpan<byte> text) =>
        reader.ValueIsEscaped ? EscapedIs(ref reader, text) : reader.ValueSpan.SequenceEqual(text);

    /// <summary>Where the value after the member's name, which was just read, begins.</summary>
    public static int Start(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        int at = (int)reader.BytesConsumed;
        while (at < json.Length && json[at] is (byte)':' or (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
        {
            at++;
        }

        return at;
    }

    /// <summary>Reads past the next value; false when the text ends in it.</summary>
    public static bool Skip(ref Utf8JsonReader reader) => reader.Read() && SkipValue(ref reader);

    /// <summary>
    /// Reads past the value that was begun; false when the text ends in it. Utf8JsonReader.Skip would throw at the
    /// depth limit; this stops one level before it.
    /// </summary>
    public static bool SkipValue(ref Utf8JsonReader reader)
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
    public static bool TryEnterObject(ref Utf8JsonReader reader, out bool whole)
    {
        whole = reader.Read();
        if (!whole || reader.TokenType == JsonTokenType.StartObject)
        {
            return whole;
        }

        whole = SkipValue(ref reader);
        return false;
    }

    /// <summary>Reads the name of the object's next member; false behind the last one, and where reading ends.</summary>
    /// <param name="reader">Stands behind the value before.</param>
    /// <param name="whole">
    /// Whether that was read whole; false when the text ends. It stays true where the text is nested too deep.
    /// </param>
    public static bool NextMember(ref Utf8JsonReader reader, ref bool whole)
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
    public static int End(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, bool whole) =>
        whole && reader.CurrentDepth <= JsonRpcParser.MaxDepth ? (int)reader.BytesConsumed : json.Length;

    /// <summary>
    /// Reads the next value, and takes it if it is a string, cut to <paramref name="longest"/>; false when the text
    /// ends in it.
    /// </summary>
    public bool TryText(ref Utf8JsonReader reader, ref string text, int longest)
    {
        if (!Skip(ref reader))
        {
            return false;
        }

        text = reader.TokenType == JsonTokenType.String ? Text(ref reader, longest) : text;
        return true;
    }

    /// <summary>Reads the next value as an id; false, and none, when the text ends in it.</summary>
    public bool TryId(ref Utf8JsonReader reader, out JsonRpcId id)
    {
        bool whole = reader.Read();
        id = whole ? Id(ref reader) : default;
        return whole;
    }

    /// <summary>
    /// The string that was read, without its escapes and cut to <paramref name="longest"/>; empty if it is none.
    /// </summary>
    public string Text(ref Utf8JsonReader reader, int longest) =>
        reader.TokenType != JsonTokenType.String ? string.Empty
        : !reader.ValueIsEscaped ? strings.Get(reader.ValueSpan, longest)
        : strings.Get(Unescape(ref reader), longest);

    /// <summary>The id that was read; none if it is neither string nor number nor null.</summary>
    public JsonRpcId Id(ref Utf8JsonReader reader) =>
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
    public ReadOnlySpan<byte> Name(ref Utf8JsonReader reader) =>
        !reader.ValueIsEscaped ? reader.ValueSpan
        : reader.ValueSpan.Length <= _unescaped.Length ? Unescape(ref reader)
        : [];

    /// <summary>128 bits of the SHA-256 of the string that was read; 0 if it is none.</summary>
    public UInt128 Hash(ref Utf8JsonReader reader)
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
    /// <param name="names">
    /// As many as fit <see cref="Longest.Extensions"/>. Those with other characters than names of extensions have are
    /// left out.
    /// </param>
    /// <returns>False when the text ends in the value.</returns>
    public bool TryNames(ref Utf8JsonReader reader, ref string names)
    {
        if (!TryEnterObject(ref reader, out bool whole))
        {
            return whole;
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

        names = whole ? strings.Get(found[..length], Longest.Extensions) : names;
        return whole;
    }

    private static bool EscapedIs(ref Utf8JsonReader reader, ReadOnlySpan<byte> text)
    {
        try
        {
            return reader.ValueTextEquals(text);
        }
        catch (InvalidOperationException)
        {
            return false; // half a surrogate pair, which no text that is asked for has
        }
    }

    // Half a surrogate pair, or bytes that are no UTF-8, stay as they were written: some servers take such a name, so
    // the call is not to be missed.
    private ReadOnlySpan<byte> Unescape(ref Utf8JsonReader reader)
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
