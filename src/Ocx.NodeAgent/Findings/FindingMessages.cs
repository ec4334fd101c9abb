using Ocx.Api;
using Ocx.Mcp.Records;
using Ocx.Text;

namespace Ocx.NodeAgent.Findings;

/// <summary>
/// What a finding says, and what to do: in plain words, and never with a value that could be a secret.
/// </summary>
internal static class FindingMessages
{
    private const int LongestName = 64;

    /// <summary>The message of a finding in a call.</summary>
    /// <param name="kind">One of <see cref="FindingKind"/>.</param>
    /// <param name="call">The call.</param>
    /// <param name="change">What changed, of <see cref="FindingKind.ToolsChanged"/>.</param>
    public static string Of(string kind, CallRecord call, string? change) =>
        kind switch
        {
            FindingKind.ToolsChanged => $"In its tools, {change}. A description steers the model that reads it: "
                + "compare it with what was released, and stop the server if nobody meant this.",
            FindingKind.CredentialInArguments => $"The arguments of {Called(call)} hold what looks like a credential. "
                + "Models, clients and their logs see it there: give it to the server in its "
                + "configuration or in the Authorization header, and replace it.",
            FindingKind.NoAuthorization => "Calls are served without an Authorization header, a cookie or an API key: "
                + "whoever reaches the server can use it. "
                + "Ask for authorization, or let a NetworkPolicy admit its clients alone.",
            FindingKind.UndeclaredPort =>
                $"Its pod declares container ports, and not {call.Server.Port}, on which it serves MCP. "
                    + "Declare it, or find out what listens there.",
            FindingKind.OriginMismatch =>
                $"It served a call of a web page from {Quoted(call.ForeignOrigin.Origin)} that was sent to "
                    + $"{Quoted(call.ForeignOrigin.Host)}. "
                    + "Have it answer 403 to origins that it does not know, as MCP requires.",
            FindingKind.DeprecatedFeature => $"Between it and its clients, "
                + $"{string.Join(" and ", CallRecordWriter.Names(call.Deprecated))} is in use, "
                + "which MCP has deprecated and may remove. "
                + "Plan to do without: MCP's deprecated features registry says how.",
            _ => $"The headers of {Called(call)} name another method, name, version or argument than the body, "
                + "or leave one out. What filters or routes by headers is misled: find the client "
                + "that sends them, and have the server refuse it.",
        };

    private static string Called(CallRecord call) =>
        call.Name.Length == 0 ? Word(call.Method) : $"{Word(call.Method)} {Quoted(call.Name)}";

    // A method of several words is quoted too: the sentence goes on behind it.
    private static string Word(string text) =>
        text.AsSpan().IndexOfAny(" '") < 0 ? WireText.Escape(text, LongestName) : Quoted(text);

    private static string Quoted(string text) => WireText.Quote(text, LongestName);
}
