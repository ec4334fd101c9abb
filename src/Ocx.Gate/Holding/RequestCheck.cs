using Ocx.Gate.Asking;
using Ocx.Gate.Http;

namespace Ocx.Gate.Holding;

/// <summary>Whether a request says the same to each reader of HTTP and JSON.</summary>
internal static class RequestCheck
{
    /// <summary>
    /// True when a complete request does. What passed before it was complete and is no message was looked at then.
    /// </summary>
    public static bool IsPlain(Request request, PortRules rules) =>
        !request.MayBeMessage
        || (
            !request.IsCoded
            && PlainRequest.IsPlain(request.Bytes.Span, headOnly: false)
            && PlainMessage.IsPlain(request.Body.Span, rules.MayHold, out int calls)
            && calls == request.Found
        );

    /// <summary>May a request pass that is not complete?</summary>
    public static bool IsHarmless(Request request, PortRules rules)
    {
        if (request.Method.Length == 0 || request.IsCoded || request.Resumes)
        {
            return false;
        }

        // Looked at again once it has doubled: its bytes are looked at twice in all.
        if (request.Body.Length < 2 * request.LookedAt || request.Body.Length == 0)
        {
            return false;
        }

        request.LookedAt = request.Body.Length;
        request.MayBeMessage = PlainMessage.MayBeJson(request.Body.Span);
        if (
            !PlainRequest.IsPlain(request.Bytes.Span, headOnly: true)
            || (request.MayBeMessage && request.HasWholeMessage())
        )
        {
            return false;
        }

        bool isHarmless = EarlyLook.IsHarmless(request.Body.Span, rules, out bool showsCall);
        request.ShowsCall = showsCall;
        return isHarmless;
    }
}
