using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Ocx.Kernel.Tests.Gate;

/// <summary>What a client was told of a call.</summary>
/// <param name="Session">The client's SDK and revision, and the path that it calls on.</param>
/// <param name="Call">The tool and its argument.</param>
/// <param name="Answer">The result's text, or the error's code and message.</param>
/// <param name="Digest">Of a result's whole text the SHA-256; else empty.</param>
internal sealed record CallOutcome(string Session, string Call, string Answer, string Digest)
{
    /// <summary>What a client of the TypeScript SDK prints.</summary>
    public static CallOutcome Parse(string line)
    {
        JsonElement said = JsonElement.Parse(line);
        string Text(string name) =>
            said.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null
                ? value.ToString()
                : string.Empty;
        bool isError = said.TryGetProperty("error", out _);
        return new(
            Text("session"),
            $"{Text("tool")} {Text("argument")}",
            isError ? $"{Text("code")} {Text("error")}" : Text("text"),
            Text("sha256")
        );
    }

    /// <summary>The SHA-256 of a text.</summary>
    public static string DigestOf(string text) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
