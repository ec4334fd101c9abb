using Ocx.Mcp.Records;

namespace Ocx.Mcp.Pairing;

/// <summary>What becomes of a call whose HTTP exchange is over and brought no answer.</summary>
internal static class Unanswered
{
    /// <summary>How such a call ends; null where its answer may come on another stream.</summary>
    /// <param name="exchange">Of its request.</param>
    /// <param name="call">The call.</param>
    /// <param name="closed">The connection went with it.</param>
    /// <param name="clientEndedFirst">By its client.</param>
    /// <param name="payload">With <see cref="PayloadMode.Metadata"/> answers are not read.</param>
    public static CallStatus? StatusOf(
        Exchange exchange,
        OpenCall call,
        bool closed,
        bool clientEndedFirst,
        PayloadMode payload
    )
    {
        if (exchange.Status >= 300)
        {
            return CallStatus.HttpError;
        }

        if (
            !closed
            && exchange.Status == 200
            && payload == PayloadMode.Metadata
            && exchange.Response == CallCompleteness.Headers
        )
        {
            return CallStatus.Ok;
        }

        // Its stream was given up, and the answer may have been in what was not read of it.
        if (exchange is { IsEventStream: true, Response: CallCompleteness.Truncated or CallCompleteness.Shed })
        {
            return CallStatus.Unpaired;
        }

        // Closing the stream withdraws the request since 2026-07-28; before, the answer may come on another stream of
        // the session.
        bool stateless = string.CompareOrdinal(call.ProtocolVersion, McpRevisions.Stateless) >= 0;
        bool withdrawn = (stateless && closed) || (call.CancelAsked && exchange.Response == CallCompleteness.Complete);
        if (withdrawn && (clientEndedFirst || !closed))
        {
            return CallStatus.Cancelled;
        }

        // Only the 2024-11-05 transport accepts a request and answers it elsewhere: perhaps on a stream whose beginning
        // was not seen, and of which nothing has come yet.
        bool elsewhere = exchange.IsAccepted && !closed;
        // On a stream of another connection, whose client names the last event that it got.
        bool resumable = exchange is { IsEventStream: true, MayResume: true } && call.ScopeOfEnds != 0;
        if (stateless || (call.Scope == 0 && !elsewhere && !resumable))
        {
            return CallStatus.Unpaired;
        }

        return null;
    }
}
