using Ocx.Mcp.Buffers;
using Ocx.Mcp.JsonRpc;
using Ocx.Mcp.Records;
using Ocx.Mcp.Redaction;

namespace Ocx.Mcp.Pairing;

/// <summary>Copies arguments and results into records, redacted and cut, when they are wanted.</summary>
internal sealed class Payloads(McpOptions options, Redactor redactor, McpCounters counters)
{
    private readonly string[] _audited = [.. options.AuditedMethods];

    /// <summary>Takes the arguments of a request, and their digest where the call is audited.</summary>
    public void TakeArguments(
        OpenCall call,
        ReadOnlySpan<byte> json,
        in JsonRpcMessage message,
        CallCompleteness completeness
    )
    {
        bool isAudited = IsAudited(call, message);
        if (options.Payload == PayloadMode.Full && !message.Arguments.Equals(default))
        {
            call.ArgumentsBuffer.MaxLength = isAudited
                ? Math.Max(options.MaxAuditedBytes, options.MaxPayloadBytes)
                : options.MaxPayloadBytes;
            call.AuditedArgumentsCut =
                !redactor.Append(json[message.Arguments], call.ArgumentsBuffer, message.Truncated, message.HasState)
                || IsCut(message, message.Arguments, json);
            NoteShed(call, call.ArgumentsBuffer);
            call.CredentialInArguments = redactor.MaskedCredential;
        }

        if (isAudited)
        {
            call.ArgumentsDigest = ArgumentsDigests.Of(json, message, completeness);
        }
    }

    /// <summary>Takes a result or an error: a part of a message.</summary>
    public void TakeResult(OpenCall call, ReadOnlySpan<byte> json, in JsonRpcMessage message, Range part)
    {
        if (options.Payload == PayloadMode.Full && !part.Equals(default))
        {
            call.ResultCut =
                !redactor.Append(json[part], call.ResultBuffer, message.Truncated, message.HasState)
                || IsCut(message, part, json);
            NoteShed(call, call.ResultBuffer);
        }
    }

    private bool IsAudited(OpenCall call, in JsonRpcMessage message) =>
        _audited.Length > 0
        && _audited.AsSpan().Contains(message.Method)
        && (options.IsAudited is not { } judge || judge(call.Method, call.Name));

    private void NoteShed(OpenCall call, PooledBuffer payload)
    {
        if (payload.IsStarved)
        {
            counters.ShedPayloads++;
            call.NoteMissing(CallCompleteness.Shed);
        }
    }

    // The text ends in this part of it.
    private static bool IsCut(in JsonRpcMessage message, Range part, ReadOnlySpan<byte> json) =>
        message.Truncated && part.End.GetOffset(json.Length) == json.Length;
}
