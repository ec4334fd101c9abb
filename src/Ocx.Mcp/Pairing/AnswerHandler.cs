using Ocx.Mcp.Buffers;
using Ocx.Mcp.JsonRpc;
using Ocx.Mcp.Records;
using Ocx.Mcp.Redaction;

namespace Ocx.Mcp.Pairing;

/// <summary>Finds the call that a result or an error answers, and finishes it.</summary>
internal sealed class AnswerHandler(
    McpOptions options,
    Redactor redactor,
    Payloads payloads,
    ToolInventory inventory,
    Handshakes handshakes,
    CallLookup lookup,
    TaskFollower tasks,
    OpenCalls calls,
    McpCounters counters,
    MemoryBudget memory
)
{
    private readonly ToolReader _tools = new(redactor, options.HashTools);

    /// <summary>A result or an error was read.</summary>
    public void Take(
        ReadOnlySpan<byte> json,
        in JsonRpcMessage message,
        in MessageExtent extent,
        in MessagePlace place,
        bool inBatch
    )
    {
        if (lookup.Find(place, !place.FromServer, message.Id) is { } found)
        {
            Finish(found, json, message, extent.Completeness, place);
            return;
        }

        if (place is { FromServer: true, Exchange: { } exchange })
        {
            if (lookup.FindAnsweredElsewhere(place, message.Id) is { } awaited)
            {
                Finish(awaited, json, message, extent.Completeness, place);
                return;
            }

            if (exchange.Calls is [var only] && CallLookup.IsAnswerOfTheOnly(only, message, exchange))
            {
                Finish(only, json, message, extent.Completeness, place);
                return;
            }

            if (CallLookup.SaysWhyHttpFailed(message, exchange))
            {
                foreach (OpenCall refused in exchange.Calls)
                {
                    refused.ErrorCode = message.ErrorCode;
                }

                payloads.TakeResult(exchange.Calls[0], json, message, message.Outcome);
                return;
            }

            if (!inBatch && CallLookup.RefusesAll(message, exchange))
            {
                for (int i = exchange.Calls.Count - 1; i >= 0; i--)
                {
                    Finish(exchange.Calls[i], json, message, extent.Completeness, place);
                }

                return;
            }

            if (exchange is { RequestDone: false } && Hold(exchange, json, extent, place))
            {
                return;
            }
        }

        counters.Orphans++;
    }

    // A server may answer before it has read the request to its end.
    private bool Hold(Exchange exchange, ReadOnlySpan<byte> json, in MessageExtent extent, in MessagePlace place)
    {
        exchange.Early ??= new EarlyAnswers(memory, options.MaxMessageBytes);
        return exchange.Early.TryHold(json, extent, place);
    }

    private void Finish(
        OpenCall call,
        ReadOnlySpan<byte> json,
        in JsonRpcMessage message,
        CallCompleteness completeness,
        in MessagePlace place
    )
    {
        calls.Answering(call, place.FirstByte);
        handshakes.Learn(message, call, place);
        call.ResponseBytes = message.Length;
        call.TimeToFirstByteNs = Math.Max(0, FirstByteOfAnswer(place, call) - call.StartNs);
        call.HttpStatus = place is { FromServer: true, Exchange: { } } ? place.Exchange.Status : 0;
        call.ErrorCode = message.ErrorCode;
        call.NoteMissing(completeness);
        call.ServerExtensions = redactor.Redact(message.Extensions);
        (call.TtlMs, call.CacheScope) = (message.TtlMs, message.CacheScope);
        call.ContinuedBy = message.ResultType == McpResultType.InputRequired ? message.RequestState : 0;
        call.Deprecated |= message.Deprecated;
        if (call.Task is not null)
        {
            tasks.Answer(call, json, message, place);
        }

        if (message.Task.Key.IsValue && tasks.TryBegin(call, message, place))
        {
            return;
        }

        payloads.TakeResult(call, json, message, message.Outcome);
        if (
            call.Method == ToolReader.Method
            && call is { FromServer: false, Completeness: CallCompleteness.Complete }
            && !message.Truncated
            && message.Kind == JsonRpcKind.Result
        )
        {
            TakeTools(call, json[message.Outcome], place);
        }

        CallStatus status =
            message.Kind == JsonRpcKind.Error ? CallStatus.RpcError
            : message.ResultType == McpResultType.InputRequired ? CallStatus.InputRequired
            : call.TaskStatus == McpTaskStatus.Cancelled && !TaskFollower.IsAbout(call.Method) ? CallStatus.Cancelled
            : message.IsToolError ? CallStatus.ToolError
            : CallStatus.Ok;
        calls.Finish(call, status, place.Now);
    }

    private void TakeTools(OpenCall call, ReadOnlySpan<byte> result, in MessagePlace place)
    {
        if (_tools.Read(result, call.IsLaterPage, out List<ToolTraits> traits) is { } tools)
        {
            inventory.Learn(place.Server, traits, tools.IsComplete);
            call.Tools = options.HashTools ? tools : null;
        }
    }

    private static long FirstByteOfAnswer(in MessagePlace place, OpenCall call) =>
        place.Exchange is { } exchange && call.Exchange == exchange ? exchange.ResponseStart : place.FirstByte;
}
