using Ocx.Mcp.JsonRpc;
using Ocx.Mcp.Records;

namespace Ocx.Mcp.Pairing;

/// <summary>Advances or ends the calls that notifications are about.</summary>
internal sealed class NotificationHandler(CallLookup lookup, TaskFollower tasks, OpenCalls calls)
{
    /// <summary>A notification was read.</summary>
    public void Take(ReadOnlySpan<byte> json, in JsonRpcMessage message, in MessagePlace place)
    {
        bool cancels = message.Method == "notifications/cancelled",
            progresses = message.Method == "notifications/progress";
        if (cancels && lookup.Find(place, place.FromServer, message.CancelledId) is { } cancelled)
        {
            calls.Finish(cancelled, CallStatus.Cancelled, place.Now);
        }
        else if (
            cancels
            && place is { FromServer: false, Exchange.Session: null }
            && lookup.FindByEnds(place, message.CancelledId) is { Scope: 0 } likely
        )
        {
            likely.CancelAsked = true; // its own stream tells whether it is over
        }
        else if (progresses && lookup.FindByProgress(place, message.ProgressToken) is { } call)
        {
            call.Progress++;
        }
        else if (message.Method == DeprecatedFeatures.LogNotification && place.Exchange is { Calls: [var logged, ..] })
        {
            logged.Deprecated |= McpDeprecated.Logging;
        }
        else if (TaskFollower.IsNotification(message.Method))
        {
            tasks.Notify(json, message, place);
        }
    }
}
