using Ocx.Mcp.Buffers;

namespace Ocx.Mcp.Http;

/// <summary>
/// The header fields that tell how a request is protected: who it says it comes from, and whether it carries a
/// credential.
/// </summary>
internal static class SecurityFields
{
    /// <summary>Takes a field if it is one of them. Of a credential only the presence is noted.</summary>
    public static void Take(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, HttpHead head, Utf8StringCache strings)
    {
        switch (name.Length)
        {
            case 4 when Token.Is(name, "host"u8):
                head.Host = strings.Get(value, Longest.HttpHost);
                break;
            case 6 when Token.Is(name, "origin"u8):
                head.Origin = strings.Get(value, Longest.HttpHost);
                break;
            case 6 when Token.Is(name, "cookie"u8):
            case 7 when Token.Is(name, "api-key"u8):
            case 9 when Token.Is(name, "x-api-key"u8):
            case 12 when Token.Is(name, "x-auth-token"u8):
            case 13 when Token.Is(name, "authorization"u8):
            case 14 when Token.Is(name, "x-access-token"u8) || Token.Is(name, "x-goog-api-key"u8):
                head.HasCredential |= !value.IsEmpty;
                break;
        }
    }
}
