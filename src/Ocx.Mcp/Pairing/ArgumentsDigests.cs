using System.Security.Cryptography;
using Ocx.Mcp.JsonRpc;
using Ocx.Mcp.Records;
using Ocx.Text;

namespace Ocx.Mcp.Pairing;

/// <summary>
/// What an approval of a call's arguments can be bound to: <see cref="CallRecord.ArgumentsDigest"/>. A text of at most
/// <see cref="McpOptions.MaxMessageBytes"/> is put into its canonical form, in time n log n, and nothing of it is kept.
/// </summary>
internal static class ArgumentsDigests
{
    private static readonly string s_ofNone = Convert.ToHexStringLower(SHA256.HashData([]));

    /// <summary>The digest; empty where not all of the arguments is certain.</summary>
    /// <param name="json">The text of the message.</param>
    /// <param name="message">What was read of it: a request.</param>
    /// <param name="completeness">What is missing of the text.</param>
    public static string Of(ReadOnlySpan<byte> json, in JsonRpcMessage message, CallCompleteness completeness)
    {
        if (message.Truncated || message.IsAmbiguous || completeness != CallCompleteness.Complete)
        {
            return string.Empty;
        }

        // Of other methods all of params is what they ask for.
        if (message.Arguments.Equals(default) || (!message.NamesArguments && message.Method is "tools/call"))
        {
            return s_ofNone;
        }

        Span<byte> digest = stackalloc byte[CanonicalJson.DigestLength];
        return CanonicalJson.TryDigest(json[message.Arguments], digest)
            ? Convert.ToHexStringLower(digest)
            : string.Empty;
    }
}
