using System.Globalization;
using System.Text;

namespace Ocx.State.Redis;

/// <summary>A value of Redis's protocol, RESP2: bytes, a number, a list or nothing.</summary>
internal readonly record struct RespValue
{
    /// <summary>The bytes of a text; null otherwise.</summary>
    public byte[]? Bytes { get; init; }

    /// <summary>The number, where it is one.</summary>
    public long Number { get; init; }

    /// <summary>The list's members; null otherwise.</summary>
    public RespValue[]? Items { get; init; }

    /// <summary>True for a nil.</summary>
    public bool IsNil { get; init; }

    /// <summary>An error's text; null otherwise.</summary>
    public string? Error { get; init; }

    /// <summary>True when it, or a member of it, was longer than what is kept of a text.</summary>
    public bool IsCut { get; init; }

    /// <summary>Its bytes as text of Latin-1, or its number.</summary>
    public string Text =>
        Bytes is null ? Number.ToString(CultureInfo.InvariantCulture) : Encoding.Latin1.GetString(Bytes);
}

/// <summary>The server answered with an error.</summary>
internal sealed class RespException(string message) : Exception(message)
{
    /// <summary>The error's first word: <c>NOAUTH</c>, <c>NOPERM</c>, <c>ERR</c>.</summary>
    public string Code => Message.Split(' ')[0];
}
