using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using Ocx.Mcp.Buffers;
using Ocx.Text;

namespace Ocx.Mcp.Redaction;

/// <summary>
/// Copies JSON with its credentials masked: values under a sensitive name or a configured path whole, credential shapes
/// inside strings in place. Text without a hint of one is copied as it is. Not thread-safe.
/// </summary>
public sealed class Redactor
{
    /// <summary>What stands for a masked value.</summary>
    public const string Mask = SecretShapes.Mask;

    private const int KnownNames = 64;

    // Of a string that is longer than a record keeps, the end of what is looked at may hold the beginning of a
    // credential.
    private const int LongestBeginning = 64;

    private readonly JsonPath[] _paths;
    private readonly Regex[] _patterns;
    private readonly (string? Text, string Redacted)[] _known = new (string?, string)[KnownNames];
    private bool _masksState;

    // What is kept of the text at hand, in bytes.
    private int _maxLength;

    /// <summary>A redactor.</summary>
    /// <exception cref="ArgumentException">
    /// A path or a pattern is not valid; <see cref="RedactionOptions.Validate"/> says which.
    /// </exception>
    public Redactor(RedactionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Validate() is [var problem, ..])
        {
            throw new ArgumentException(problem, nameof(options));
        }

        _paths = [.. options.Paths.Select(path => JsonPath.TryParse(path, out JsonPath parsed) ? parsed : default)];
        _patterns = [.. options.Patterns.Select(RedactionOptions.Compile)];
    }

    /// <summary>
    /// True when the last <see cref="Append"/> masked a credential, by its name or its form; configured paths and
    /// patterns do not count.
    /// </summary>
    public bool MaskedCredential { get; private set; }

    /// <summary>Plain text with its credentials masked.</summary>
    public string Redact(string text)
    {
        if (text.Length == 0)
        {
            return text;
        }

        // The same name again, as calls of one tool have it, is the same object.
        ref (string? Text, string Redacted) known = ref _known[RuntimeHelpers.GetHashCode(text) & (KnownNames - 1)];
        if (!ReferenceEquals(text, known.Text))
        {
            known = (text, RedactConfigured(SecretShapes.Redact(text)));
        }

        return known.Redacted;
    }

    /// <summary>
    /// Appends a JSON text, masked, as far as it fits; false when it was cut. What cannot fit is not looked at.
    /// </summary>
    /// <param name="json">The text.</param>
    /// <param name="to">Where it goes.</param>
    /// <param name="mayEnd">The text may end before the value does: what is whole of it is appended.</param>
    /// <param name="hasState">
    /// The value may have a member <c>requestState</c>: what a server has its client carry for it, and nobody else
    /// reads. It is masked.
    /// </param>
    public bool Append(ReadOnlySpan<byte> json, PooledBuffer to, bool mayEnd = false, bool hasState = false)
    {
        MaskedCredential = false;
        (_masksState, _maxLength) = (hasState, to.MaxLength);
        if (
            !hasState
            && _paths.Length == 0
            && _patterns.Length == 0
            && !SecretHints.AnyIn(json[..Math.Min(json.Length, _maxLength)])
        )
        {
            return to.Append(json);
        }

        try
        {
            return AppendMasked(json, to, mayEnd);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // No JSON after all: what was written so far is masked, and nothing more is.
            to.Clear();
            to.Append("\"[unreadable]\""u8);
            return true;
        }
    }

    private bool AppendMasked(ReadOnlySpan<byte> json, PooledBuffer to, bool mayEnd)
    {
        var state = new JsonReaderState(new JsonReaderOptions { MaxDepth = JsonRpc.JsonRpcParser.MaxDepth + 2 });
        var reader = new Utf8JsonReader(json, isFinalBlock: !mayEnd, state);
        var place = new List<string>();
        int copied = 0;
        string name = string.Empty;
        while (reader.Read())
        {
            int start = (int)reader.TokenStartIndex;
            if (start - copied > _maxLength)
            {
                break; // no more is kept, so no more is looked at
            }

            if (reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray)
            {
                int depth = Math.Min(place.Count, Math.Max(0, reader.CurrentDepth - 1));
                place.RemoveRange(depth, place.Count - depth);
                name = string.Empty;
                continue;
            }

            string? replacement;
            int end;
            bool isWhole = true;
            if (reader.TokenType == JsonTokenType.PropertyName)
            {
                // A credential can be a name, too: {"sk-live-…": 1}.
                name = Text(ref reader);
                replacement = Changed(name);
                end = start + reader.ValueSpan.Length + 2;
            }
            else
            {
                Enter(place, reader.CurrentDepth, name.Length > 0 ? name : "*");
                replacement = Replacement(ref reader, name, place, start, out isWhole);
                end = (int)reader.BytesConsumed;
                name = string.Empty;
            }

            if (replacement is null)
            {
                continue;
            }

            bool tooLong = IsTooLong(ref reader) && replacement != Mask;
            replacement = tooLong ? replacement[..Math.Max(0, replacement.Length - LongestBeginning)] : replacement;
            if (
                !to.Append(json[copied..start])
                || !to.Append("\""u8)
                || !to.Append(JsonEncodedText.Encode(replacement).EncodedUtf8Bytes)
                || tooLong
                || !to.Append("\""u8)
                || !isWhole
            )
            {
                return false;
            }

            copied = end;
        }

        // Of a token that is not whole nothing is told: it may be the beginning of a credential.
        return to.Append(json[copied..(mayEnd ? (int)reader.BytesConsumed : json.Length)]) && !mayEnd;
    }

    // What stands for the value that was read, or null where it may stay. The reader stands at the end of a value that
    // is masked whole.
    private string? Replacement(ref Utf8JsonReader reader, string name, List<string> place, int start, out bool isWhole)
    {
        isWhole = true;
        bool credential = IsCredential(name, reader.TokenType);
        bool state = _masksState && reader.CurrentDepth == 1 && name == "requestState";
        if (!credential && !state && !IsConfigured(place))
        {
            return reader.TokenType == JsonTokenType.String ? Changed(Text(ref reader)) : null;
        }

        isWhole = reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray) || reader.TrySkip();

        // An empty string, object or array is masked like any other, and gives nothing away.
        MaskedCredential |= credential && reader.BytesConsumed - start > 2 && !SecretShapes.IsPageToken(name);
        return Mask;
    }

    private bool IsTooLong(ref Utf8JsonReader reader) =>
        reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName
        && reader.ValueSpan.Length > 4 * _maxLength;

    // Without its escapes; of half a surrogate pair U+FFFD. No more of it than what could be kept.
    private string Text(ref Utf8JsonReader reader) =>
        JsonEscapes.Decode(IsTooLong(ref reader) ? reader.ValueSpan[..(4 * _maxLength)] : reader.ValueSpan);

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
        name.Length > 0
        && type is JsonTokenType.String or JsonTokenType.StartObject or JsonTokenType.StartArray or JsonTokenType.Number
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
