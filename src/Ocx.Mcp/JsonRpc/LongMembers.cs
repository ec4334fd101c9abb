using System.Text.Json;
using Ocx.Mcp.Buffers;

namespace Ocx.Mcp.JsonRpc;

/// <summary>
/// The members of a long message that tell what it is: id, method, tool, error code. The last of a name counts.
/// </summary>
internal sealed class LongMembers(JsonValues values)
{
    private Member _outer;
    private Member _inner;
    private bool _version;
    private bool _result;
    private bool _error;
    private JsonRpcMessage _found;

    private enum Member
    {
        Other,
        Version,
        Id,
        Method,
        Params,
        Result,
        Error,
        Name,
        IsError,
        Code,
    }

    public void Clear()
    {
        (_outer, _inner, _version, _result, _error) = (Member.Other, Member.Other, false, false, false);
        _found = default;
        _found.Method = _found.Name = string.Empty;
    }

    /// <summary>
    /// A member's name, in quotes, of the message (depth 1) or of one of its members (2); empty for one that is too
    /// long.
    /// </summary>
    public void TakeName(long depth, ReadOnlySpan<byte> quoted)
    {
        if (depth == 1)
        {
            (_outer, _inner) = (Outer(quoted), Member.Other);
        }
        else
        {
            _inner = Inner(_outer, quoted);
        }
    }

    /// <summary>A value as it is written; of an object or an array its first byte.</summary>
    public void TakeValue(long depth, ReadOnlySpan<byte> text)
    {
        switch (depth == 1 ? _outer : _inner)
        {
            case Member.Version:
                _version = text.SequenceEqual("\"2.0\""u8);
                break;
            case Member.Id:
                _found.Id = Id(text);
                break;
            case Member.Method:
                _found.Method = Text(text, Longest.Method);
                break;
            case Member.Result:
                _result = true;
                break;
            case Member.Error:
                _error = !text.SequenceEqual("null"u8);
                break;
            case Member.Name:
                _found.Name = Text(text, Longest.Name);
                break;
            case Member.IsError:
                _found.IsToolError = text.SequenceEqual("true"u8);
                break;
            case Member.Code:
                _found.ErrorCode =
                    System.Buffers.Text.Utf8Parser.TryParse(text, out int code, out int used) && used == text.Length
                        ? code
                        : 0;
                break;
        }
    }

    /// <summary>Adds what was found to what was read of the message's beginning, and says what it is.</summary>
    public void Complete(ref JsonRpcMessage message, bool isWhole)
    {
        message.Id = _found.Id.Kind != JsonRpcIdKind.None ? _found.Id : message.Id;
        message.Method = _found.Method.Length > 0 ? _found.Method : message.Method;
        message.Name = _found.Name.Length > 0 ? _found.Name : message.Name;
        message.ErrorCode = _found.ErrorCode != 0 ? _found.ErrorCode : message.ErrorCode;
        message.IsToolError |= _found.IsToolError;
        message.Kind =
            isWhole && !_version
                ? JsonRpcKind.None
                : JsonRpcParser.KindOf(message, _result, _error, mayBeCut: !isWhole);
    }

    private static Member Outer(ReadOnlySpan<byte> quoted) =>
        Is(quoted, "jsonrpc"u8) ? Member.Version
        : Is(quoted, "id"u8) ? Member.Id
        : Is(quoted, "method"u8) ? Member.Method
        : Is(quoted, "params"u8) ? Member.Params
        : Is(quoted, "result"u8) ? Member.Result
        : Is(quoted, "error"u8) ? Member.Error
        : Member.Other;

    private static Member Inner(Member outer, ReadOnlySpan<byte> quoted) =>
        outer switch
        {
            Member.Params when Is(quoted, "name"u8) || Is(quoted, "uri"u8) => Member.Name,
            Member.Result when Is(quoted, "isError"u8) => Member.IsError,
            Member.Error when Is(quoted, "code"u8) => Member.Code,
            _ => Member.Other,
        };

    private static bool Is(ReadOnlySpan<byte> quoted, ReadOnlySpan<byte> name)
    {
        if (quoted.IndexOf((byte)'\\') < 0)
        {
            return quoted.Length == name.Length + 2 && quoted[1..^1].SequenceEqual(name);
        }

        return TryRead(quoted, out Utf8JsonReader reader) && JsonValues.Is(ref reader, name);
    }

    private string Text(ReadOnlySpan<byte> text, int longest) =>
        TryRead(text, out Utf8JsonReader reader) ? values.Text(ref reader, longest) : string.Empty;

    private JsonRpcId Id(ReadOnlySpan<byte> text) =>
        TryRead(text, out Utf8JsonReader reader) ? values.Id(ref reader) : default;

    private static bool TryRead(ReadOnlySpan<byte> text, out Utf8JsonReader reader)
    {
        reader = new(text);
        try
        {
            return !text.IsEmpty && reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
