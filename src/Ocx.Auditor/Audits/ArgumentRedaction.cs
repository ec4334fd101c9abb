using System.Text;
using System.Text.Json;
using Ocx.Audit.Intents;
using Ocx.Mcp.Buffers;
using Ocx.Mcp.Redaction;
using Ocx.Text;

namespace Ocx.Auditor.Audits;

/// <summary>
/// Masks what an audit names in arguments, beyond the credentials that agents mask, before anybody judges, keeps or
/// shows them. For any thread.
/// </summary>
/// <param name="options">The places and patterns.</param>
/// <exception cref="ArgumentException">One of them is not valid.</exception>
public sealed class ArgumentRedaction(RedactionOptions options)
{
    // Agents tell of up to 1 MiB; masks may be longer than what they mask.
    private const int Longest = 4 << 20;

    private static readonly byte[] s_all = "\"[redacted]\""u8.ToArray();

    private readonly Lock _lock = new();
    private readonly Redactor _redactor = new(options);
    private readonly MemoryBudget _budget = new(4L * Longest);

    /// <summary>The call with its arguments masked. The digest stays that of what was sent.</summary>
    public Intent Apply(Intent intent)
    {
        ArgumentNullException.ThrowIfNull(intent);
        if (intent.Arguments.IsEmpty)
        {
            return intent;
        }

        return MaskJson(intent.Arguments.Span) is { } masked
            ? intent with
            {
                Arguments = masked,
            }
            : intent with
            {
                Arguments = s_all,
                ArgumentsComplete = false,
            };
    }

    /// <summary>A text of a server as it may be shown: masked as JSON where it is an object or array of it.</summary>
    public string Mask(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        byte[] json = Encoding.UTF8.GetBytes(text);
        if (IsStructure(json))
        {
            return MaskJson(json) is { } structure ? Encoding.UTF8.GetString(structure) : Redactor.Mask;
        }

        byte[]? masked = MaskJson([(byte)'"', .. JsonEncodedText.Encode(text).EncodedUtf8Bytes, (byte)'"']);
        return masked is null ? Redactor.Mask : WireJson.ReadText(masked);
    }

    /// <summary>JSON with its values masked; null when the masked text is too long to be held.</summary>
    public byte[]? MaskJson(ReadOnlySpan<byte> json)
    {
        lock (_lock)
        {
            var masked = new PooledBuffer(_budget, Longest);
            try
            {
                return _redactor.Append(json, masked) ? masked.Span.ToArray() : null;
            }
            finally
            {
                masked.Release();
            }
        }
    }

    private static bool IsStructure(ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(text);
        try
        {
            return reader.Read()
                && reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray
                && reader.TrySkip()
                && !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
