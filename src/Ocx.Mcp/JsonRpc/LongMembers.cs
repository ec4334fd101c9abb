using Ocx.Mcp.Buffers;

namespace Ocx.Mcp.JsonRpc;

/// <summary>
/// The members of a long message that tell what it is: id, method, tool, error code. The last of a name counts.
/// </summary>
internal sealed class LongMembers(JsonValues values)
{
    /// <summary>How deep members are looked at: those of a task's result stand in the result.</summary>
    public const int Deepest = 3;

    private Member _outer;
    private Member _inner;
    private Member _innermost;
    private bool _version;
    private bool _result;
    private bool _error;
    private bool _hasReferenceName;
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
        Uri,
        Reference,
        ReferenceName,
        ReferenceUri,
        IsError,
        Code,
        ResultType,
        TaskId,
        TaskStatus,
        TaskResult,
        TaskError,
        TaskIsError,
        TaskCode,
    }

    public void Clear()
    {
        (_outer, _inner, _innermost) = (Member.Other, Member.Other, Member.Other);
        (_version, _result, _error, _hasReferenceName) = (false, false, false, false);
        _found = default;
    }

    /// <summary>
    /// A member's name, in quotes, of the message (depth 1), of one of its members (2) or of one of theirs (3); empty
    /// for one that is too long.
    /// </summary>
    public void TakeName(long depth, ReadOnlySpan<byte> quoted)
    {
        if (depth == 1)
        {
            (_outer, _inner, _innermost) = (Outer(quoted), Member.Other, Member.Other);
        }
        else if (depth == 2)
        {
            (_inner, _innermost) = (Inner(_outer, quoted), Member.Other);
        }
        else
        {
            _innermost = Innermost(_inner, quoted);
        }
    }

    /// <summary>A value as it is written; of an object or an array its first byte.</summary>
    public void TakeValue(long depth, ReadOnlySpan<byte> text)
    {
        switch (
            depth == 1 ? _outer
            : depth == 2 ? _inner
            : _innermost
        )
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
            case Member.Params:
                _found.Subject = default;
                break;
            case Member.Name:
                _found.Subject.Name = Subject(text);
                break;
            case Member.Uri:
                _found.Subject.Uri = Subject(text);
                break;
            case Member.Reference:
                (_found.Subject.Reference, _hasReferenceName) = (null, false);
                break;
            case Member.ReferenceName:
                (_found.Subject.Reference, _hasReferenceName) = (Subject(text), true);
                break;
            case Member.ReferenceUri when !_hasReferenceName:
                _found.Subject.Reference = Subject(text);
                break;
            case Member.IsError:
                _found.IsToolError = text.SequenceEqual("true"u8);
                break;
            case Member.Code:
                _found.ErrorCode = Number(text);
                break;
            case Member.ResultType:
                _found.ResultType =
                    text.SequenceEqual("\"task\""u8) ? McpResultType.Task
                    : text.SequenceEqual("\"input_required\""u8) ? McpResultType.InputRequired
                    : McpResultType.Complete;
                break;
            case Member.TaskId:
                (_found.Task.Id, _found.Task.Key) = (Text(text, Longest.TaskId), Id(text));
                break;
            case Member.TaskStatus:
                _found.Task.Status = TryRead(text, out JsonTokens reader)
                    ? McpTasks.StatusOf(ref reader)
                    : McpTaskStatus.None;
                break;
            case Member.TaskResult:
                _found.Task.Outcome = text.SequenceEqual("{"u8) ? JsonRpcKind.Result : _found.Task.Outcome;
                break;
            case Member.TaskError:
                _found.Task.Outcome = text.SequenceEqual("{"u8) ? JsonRpcKind.Error : _found.Task.Outcome;
                break;
            case Member.TaskIsError:
                _found.Task.IsToolError = text.SequenceEqual("true"u8);
                break;
            case Member.TaskCode:
                _found.Task.ErrorCode = Number(text);
                break;
        }
    }

    /// <summary>Adds what was found to what was read of the message's beginning, and says what it is.</summary>
    public void Complete(ref JsonRpcMessage message, bool isWhole)
    {
        message.Id = _found.Id.Kind != JsonRpcIdKind.None ? _found.Id : message.Id;
        message.Method = _found.Method.Length > 0 ? _found.Method : message.Method;
        message.Subject = message.Subject.With(_found.Subject);
        message.ErrorCode = _found.ErrorCode != 0 ? _found.ErrorCode : message.ErrorCode;
        message.IsToolError |= _found.IsToolError;
        message.ResultType = _found.ResultType != McpResultType.Complete ? _found.ResultType : message.ResultType;
        if (_found.Task.Key.IsValue)
        {
            (message.Task.Id, message.Task.Key) = (_found.Task.Id, _found.Task.Key);
        }

        message.Task.Status = _found.Task.Status != McpTaskStatus.None ? _found.Task.Status : message.Task.Status;
        message.Task.Outcome = _found.Task.Outcome != JsonRpcKind.None ? _found.Task.Outcome : message.Task.Outcome;
        message.Task.ErrorCode = _found.Task.ErrorCode != 0 ? _found.Task.ErrorCode : message.Task.ErrorCode;
        message.Task.IsToolError |= _found.Task.IsToolError;
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
            Member.Params when Is(quoted, "name"u8) => Member.Name,
            Member.Params when Is(quoted, "uri"u8) => Member.Uri,
            Member.Params when Is(quoted, "ref"u8) => Member.Reference,
            Member.Result when Is(quoted, "isError"u8) => Member.IsError,
            Member.Result when Is(quoted, "resultType"u8) => Member.ResultType,
            Member.Params or Member.Result when Is(quoted, "taskId"u8) => Member.TaskId,
            Member.Params or Member.Result when Is(quoted, "status"u8) => Member.TaskStatus,
            Member.Params or Member.Result when Is(quoted, "result"u8) => Member.TaskResult,
            Member.Params or Member.Result when Is(quoted, "error"u8) => Member.TaskError,
            Member.Error when Is(quoted, "code"u8) => Member.Code,
            _ => Member.Other,
        };

    private static Member Innermost(Member inner, ReadOnlySpan<byte> quoted) =>
        inner switch
        {
            Member.Reference when Is(quoted, "name"u8) => Member.ReferenceName,
            Member.Reference when Is(quoted, "uri"u8) => Member.ReferenceUri,
            Member.TaskResult when Is(quoted, "isError"u8) => Member.TaskIsError,
            Member.TaskError when Is(quoted, "code"u8) => Member.TaskCode,
            _ => Member.Other,
        };

    private static int Number(ReadOnlySpan<byte> text) =>
        System.Buffers.Text.Utf8Parser.TryParse(text, out int number, out int used) && used == text.Length ? number : 0;

    private static bool Is(ReadOnlySpan<byte> quoted, ReadOnlySpan<byte> name)
    {
        if (quoted.IndexOf((byte)'\\') < 0)
        {
            return quoted.Length == name.Length + 2 && quoted[1..^1].SequenceEqual(name);
        }

        return TryRead(quoted, out JsonTokens reader) && JsonValues.Is(ref reader, name);
    }

    private string Text(ReadOnlySpan<byte> text, int longest) =>
        TryRead(text, out JsonTokens reader) ? values.Text(ref reader, longest) : string.Empty;

    // Null for what is none, or is too long to be kept: what was read of the message's beginning has it.
    private string? Subject(ReadOnlySpan<byte> text) => Text(text, Longest.Name) is { Length: > 0 } name ? name : null;

    private JsonRpcId Id(ReadOnlySpan<byte> text) =>
        TryRead(text, out JsonTokens reader) ? values.Id(ref reader) : default;

    private static bool TryRead(ReadOnlySpan<byte> text, out JsonTokens reader)
    {
        reader = new(text);
        return reader.Read();
    }
}
