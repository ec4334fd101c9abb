using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Ocx.Text;

/// <summary>
/// The members of a JSON object that another program wrote. A member may be absent. One of another kind than is asked
/// for, or beyond its range, makes the object unreadable; so does a name that stands twice, of which readers take one
/// or the other.
/// </summary>
public sealed class WireObject
{
    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = WireJson.MaxDepth + 16 };

    private readonly OrderedDictionary<string, JsonElement> _members = new(StringComparer.Ordinal);

    private WireObject(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new FormatException("no JSON object");
        }

        foreach (JsonProperty member in json.EnumerateObject())
        {
            ReadOnlySpan<byte> raw = JsonMarshal.GetRawUtf8PropertyName(member);
            string name = raw.Contains((byte)'\\') ? JsonEscapes.Decode(raw) : Encoding.UTF8.GetString(raw);
            if (!_members.TryAdd(name, member.Value))
            {
                throw new FormatException($"the member {name} stands twice");
            }
        }
    }

    /// <summary>The names and the JSON texts of all members, in the order in which they were written.</summary>
    public IEnumerable<(string Name, ReadOnlyMemory<byte> Json)> Members =>
        _members.Keys.Select(name => (name, Json(name)));

    /// <summary>Reads an object.</summary>
    /// <param name="json">UTF-8, of any provenance.</param>
    /// <exception cref="FormatException">It is no JSON, no object, or an ambiguous one.</exception>
    public static WireObject Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            return new WireObject(JsonElement.Parse(json, s_options));
        }
        catch (JsonException wrong)
        {
            throw new FormatException("no JSON", wrong);
        }
    }

    /// <summary>True when the object has this member.</summary>
    public bool Has(string name) => _members.ContainsKey(name);

    /// <summary>A text, with U+FFFD for what is no Unicode; empty when there is none.</summary>
    /// <exception cref="FormatException">It is no text.</exception>
    public string Text(string name) =>
        Find(name, JsonValueKind.String) is { } found
            ? WireJson.ReadText(JsonMarshal.GetRawUtf8Value(found))
            : string.Empty;

    /// <summary>A whole number; null when there is none.</summary>
    /// <exception cref="FormatException">
    /// It is no whole number from <paramref name="least"/> to <paramref name="most"/>.
    /// </exception>
    public long? Number(string name, long least = 0, long most = long.MaxValue)
    {
        if (Find(name, JsonValueKind.Number) is not { } found)
        {
            return null;
        }

        return found.TryGetInt64(out long number) && number >= least && number <= most
            ? number
            : throw new FormatException($"{name} is no whole number from {least} to {most}");
    }

    /// <summary>A truth value; false when there is none.</summary>
    /// <exception cref="FormatException">It is neither true nor false.</exception>
    public bool Flag(string name) =>
        _members.TryGetValue(name, out JsonElement found)
        && found.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw new FormatException($"{name} is neither true nor false"),
        };

    /// <summary>An object; null when there is none.</summary>
    /// <exception cref="FormatException">It is none, or an ambiguous one.</exception>
    public WireObject? Inner(string name) =>
        Find(name, JsonValueKind.Object) is { } found ? new WireObject(found) : null;

    /// <summary>The JSON text of a member of any kind, as it was written; empty when there is none.</summary>
    public ReadOnlyMemory<byte> Json(string name) =>
        _members.TryGetValue(name, out JsonElement found) ? JsonMarshal.GetRawUtf8Value(found).ToArray() : default;

    private JsonElement? Find(string name, JsonValueKind kind) =>
        !_members.TryGetValue(name, out JsonElement found) ? null
        : found.ValueKind == kind ? found
        : throw new FormatException($"{name} is {found.ValueKind}, not {kind}");
}
