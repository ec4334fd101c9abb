using System.Text.Json;
using Ocx.Gate.Asking;
using Ocx.Gate.Http;
using Ocx.Mcp.Records;

namespace Ocx.Gate.Holding;

/// <summary>
/// Looks into the beginning of a request's body: is it plain that it need not wait for its end? What a client says
/// first it may contradict later; so the whole is looked at again before its last byte passes.
/// </summary>
internal static class EarlyLook
{
    // Of what is looked at again and again, as it grows.
    private const int Longest = 64 << 10;

    /// <summary>True when it is no JSON, calls nothing that is audited, or what it calls can be taken back.</summary>
    /// <param name="body">The beginning of the body, which is not coded.</param>
    /// <param name="rules">What is held on the server's port.</param>
    /// <param name="showsCall">It calls something that is audited.</param>
    public static bool IsHarmless(ReadOnlySpan<byte> body, PortRules rules, out bool showsCall)
    {
        showsCall = false;
        ReadOnlySpan<byte> text = body.TrimStart("\uFEFF \t\r\n"u8);
        if (text.Length < 4 || text[0] == '[' || PlainMessage.MayBeWide(body))
        {
            return false;
        }

        if (text[0] != '{')
        {
            return true;
        }

        (string? method, string? tool) = Read(text[..Math.Min(text.Length, Longest)]);
        if (method is null)
        {
            return false;
        }

        CallRules held = rules.Of(method, tool ?? string.Empty, ToolAnnotations.None);
        showsCall = held.IsAudited;
        return tool is null ? !rules.MayHold(method) : !held.IsIrreversible;
    }

    private static (string? Method, string? Tool) Read(ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(text, isFinalBlock: false, state: default);
        string? method = null,
            tool = null;
        bool inParams = false;
        try
        {
            while (reader.Read() && (method is null || tool is null))
            {
                if (reader.TokenType == JsonTokenType.PropertyName)
                {
                    bool isMethod = reader.CurrentDepth == 1 && reader.ValueTextEquals("method"u8),
                        isName = reader.CurrentDepth == 2 && inParams && reader.ValueTextEquals("name"u8);
                    inParams = reader.CurrentDepth == 1 ? reader.ValueTextEquals("params"u8) : inParams;
                    if (!isMethod && !isName)
                    {
                        continue;
                    }

                    if (!reader.Read() || reader.TokenType != JsonTokenType.String)
                    {
                        return (null, null);
                    }

                    (method, tool) = isMethod ? (reader.GetString(), tool) : (method, reader.GetString());
                }
            }
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            return (null, null); // the whole is looked at when it is there
        }

        return (method, tool);
    }
}
