using System.Text.Json;
using System.Text.RegularExpressions;
using Ocx.Mcp.Buffers;

namespace Ocx.Mcp.Redaction;

/// <summary>
/// Copies JSON with its credentials masked: values under a sensitive name or a configured path whole, credential shapes inside
/// strings in place. Text without a hint of one is copied as it is. Not thread-safe.
/// </summary>
public sealed class Redactor
{
    /// <summary>What stands for a masked value.</summary>
    public const string Mask = SecretShapes.Mask;

    private readonly JsonPath[] _paths;
    private readonly Regex[] _patterns;
    private readonly int _maxLength;
    private string? _lastName;
    private string _lastRedacted = string.Empty;

    /// <summary>A redactor for pieces of at most <paramref name="maxLength"/> kept bytes.</summary>
    /// <exception cref="ArgumentException">A path or a pattern is not valid; <see cref="RedactionOptions.Validate"/> says which.</exception>
    public Redactor(RedactionOptions options, int maxLength)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Validate() is [var problem, ..])
        {
            throw new ArgumentException(problem, nameof(options));
        }

        _paths = [.. options.Paths.Select(path => JsonPath.TryParse(path, out JsonPath parsed) ? parsed : default)];
        _patterns = [.. options.Patterns.Select(RedactionOptions.Compile)];
        _maxLength = maxLength;
    }

    /// <summary>True when the last <see cref="Append"/> masked a credential, by its name or its form; configured paths and patterns do not count.</summary>
    public bool MaskedCredential { get; private set; }

    /// <summary>Plain text with its credentials masked.</summary>
    public string Redact(string text)
    {
        // The same name again, as calls of one tool have it, is the same object.
        if (!ReferenceEquals(text, _lastName))
        {
            (_lastName, _lastRedacted) = (text, RedactConfigured(SecretShapes.Redact(text)));
        }

        return _lastRedacted;
    }

    /// <summary>Appends a JSON text, masked, as far as it fits; false when it was cut.</summary>
    public bool Append(ReadOnlySpan<byte> json, PooledBuffer to)
    {
        MaskedCredential = false;
        if (_paths.Length == 0 && _patterns.Length == 0 && !SecretHints.AnyIn(json[..Math.Min(json.Length, _maxLength)]))
        {
            return to.Append(json);
        }

        try
        {
            return AppendMasked(json, to);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Ill-formed UTF-8 inside a string: what was written so far is masked, and nothing more is.
            to.Clear();
            to.Append("\"[unreadable]\""u8);
            return true;
        }
    }

    private bool AppendMasked(ReadOnlySpan<byte> json, PooledBuffer to)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = JsonRpc.JsonRpcParser.MaxDepth + 2 });
        var place = new List<string>();
        int copied = 0;
        string name = string.Empty;
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    name = reader.GetString()!;
                    continue;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    place.RemoveRange(Math.Min(place.Count, Math.Max(0, reader.CurrentDepth - 1)), Math.Max(0, place.Count - Math.Max(0, reader.CurrentDepth - 1)));
                    name = string.Empty;
                    continue;
            }

            int start = (int)reader.TokenStartIndex;
            bool composite = reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray;
            Enter(place, reader.CurrentDepth, name.Length > 0 ? name : "*");
            bool credential = IsCredential(name, reader.TokenType);
            string? replacement = credential || IsConfigured(place) ? Mask
                : reader.TokenType == JsonTokenType.String ? Changed(reader.GetString()!) : null;
            if (replacement is null)
            {
                name = string.Empty;
                continue;
            }

            if (composite)
            {
                reader.Skip();
            }

            // An empty string, object or array is masked like any other, and gives nothing away.
            MaskedCredential |= credential && reader.BytesConsumed - start > 2 && !SecretShapes.IsPageToken(name);
            name = string.Empty;

            if (!to.Append(json[copied..start]) || !to.Append("\""u8) || !to.Append(JsonEncodedText.Encode(replacement).EncodedUtf8Bytes)
                || !to.Append("\""u8))
            {
                return false;
            }

            copied = (int)reader.BytesConsumed;
        }

        return to.Append(json[copied..]);
    }

    private static void Enter(List<string> place, int depth, string name)
    {
        if (depth == 0)
        {
            return;
        }

        if (place.Count >= depth)
        {
            place.RemoveRange(depth - 1, place.Count - depth + 1);
        }

        place.Add(name);
    }

    private bool IsConfigured(List<string> place)
    {
        foreach (JsonPath path in _paths)
        {
            if (path.Matches(place))
            {
                return true;
            }
        }

        return false;
    }

    // A number under "token" is a count, and true under "secret" a flag.
    private static bool IsCredential(string name, JsonTokenType type) =>
        name.Length > 0 && type is JsonTokenType.String or JsonTokenType.StartObject or JsonTokenType.StartArray or JsonTokenType.Number
        && SecretShapes.IsSensitiveName(name)
        && (type != JsonTokenType.Number || !name.EndsWith("token", StringComparison.OrdinalIgnoreCase));

    private string? Changed(string text)
    {
        string masked = SecretShapes.Redact(text);
        MaskedCredential |= !ReferenceEquals(masked, text) && masked != text;
        string redacted = RedactConfigured(masked);
        return ReferenceEquals(redacted, text) || redacted == text ? null : redacted;
    }

    private string RedactConfigured(string text)
    {
        foreach (Regex pattern in _patterns)
        {
            text = pattern.Replace(text, Mask);
        }

        return text;
    }
}
