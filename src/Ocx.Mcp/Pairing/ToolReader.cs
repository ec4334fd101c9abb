using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Ocx.Mcp.Buffers;
using Ocx.Mcp.JsonRpc;
using Ocx.Mcp.Records;
using Ocx.Mcp.Redaction;
using Ocx.Text;

namespace Ocx.Mcp.Pairing;

/// <summary>
/// Reads the tools of a <c>tools/list</c> result: of each its name, a hash of its definition, how it behaves and which
/// arguments headers repeat. Not thread-safe.
/// </summary>
/// <param name="redactor">What masks credentials in names.</param>
/// <param name="hashes">Whether definitions are hashed.</param>
internal sealed class ToolReader(Redactor redactor, bool hashes)
{
    /// <summary>The method whose results are read.</summary>
    public const string Method = "tools/list";

    private const int KeptCapacity = 64 << 10;

    private ArrayBufferWriter<byte> _definition = new();

    /// <summary>Whether the parameters of a request ask for a page after the first.</summary>
    public static bool IsLaterPage(ReadOnlySpan<byte> parameters)
    {
        var reader = new JsonTokens(parameters);
        return !parameters.IsEmpty && (HasText(ref reader, "cursor"u8) || reader.IsMalformed);
    }

    /// <summary>The tools of a result, or null when it has no list of them or is not well-formed.</summary>
    /// <param name="result">JSON text.</param>
    /// <param name="isLaterPage">The request asked for a page after the first.</param>
    /// <param name="traits">What calls of the tools are looked at by; of those of which something is said.</param>
    public ToolList? Read(ReadOnlySpan<byte> result, bool isLaterPage, out List<ToolTraits> traits)
    {
        traits = [];
        if (result.IsEmpty)
        {
            return null;
        }

        var probe = new JsonTokens(result);
        bool hasMore = HasText(ref probe, "nextCursor"u8);
        var reader = new JsonTokens(result);
        var tools = new List<ToolDefinition>();
        bool isWhole = TryEnterTools(ref reader) && ReadTools(ref reader, tools, traits);
        if (_definition.Capacity > KeptCapacity)
        {
            _definition = new();
        }

        return probe.IsMalformed || reader.IsMalformed || (tools.Count == 0 && !isWhole)
            ? null
            : new ToolList(tools, isWhole && !hasMore && !isLaterPage);
    }

    // A property of the outermost object that is a string with something in it.
    private static bool HasText(ref JsonTokens reader, ReadOnlySpan<byte> name)
    {
        reader.Read();
        while (
            reader.TokenType is not JsonTokenType.EndObject
            && reader.Read()
            && reader.TokenType == JsonTokenType.PropertyName
        )
        {
            bool isIt = JsonValues.Is(ref reader, name);
            reader.Read();
            if (isIt)
            {
                return reader.TokenType == JsonTokenType.String && reader.ValueSpan.Length > 0;
            }

            reader.Skip();
        }

        return false;
    }

    private static bool TryEnterTools(ref JsonTokens reader)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isIt = JsonValues.Is(ref reader, "tools"u8);
            reader.Read();
            if (isIt)
            {
                return reader.TokenType == JsonTokenType.StartArray;
            }

            reader.Skip();
        }

        return false;
    }

    // True when the array was read to its end.
    private bool ReadTools(ref JsonTokens reader, List<ToolDefinition> tools, List<ToolTraits> traits)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (tools.Count >= ToolList.MaxTools)
            {
                return false;
            }

            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
            }
            else if (ReadTool(ref reader, traits) is { Name.Length: > 0 } tool)
            {
                tools.Add(tool);
            }
        }

        return true;
    }

    private ToolDefinition ReadTool(ref JsonTokens reader, List<ToolTraits> traits)
    {
        string name = string.Empty;
        ToolAnnotations annotations = ToolAnnotations.None;
        List<HeaderArgument> headers = [];
        _definition.ResetWrittenCount();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isName = JsonValues.Is(ref reader, "name"u8);
            if (!isName && !IsTold(ref reader))
            {
                reader.Skip();
                continue;
            }

            JsonTokens look = reader; // a copy reads ahead
            if (JsonValues.Is(ref reader, "annotations"u8))
            {
                annotations = ToolSchema.ReadAnnotations(ref look);
            }
            else if (JsonValues.Is(ref reader, "inputSchema"u8))
            {
                headers = ToolSchema.ReadHeaders(ref look);
            }

            Append(ref reader);
            reader.Read();
            name = isName && reader.TokenType == JsonTokenType.String ? JsonEscapes.Decode(reader.ValueSpan) : name;
            AppendValue(ref reader);
        }

        if (name.Length > 0 && (annotations != ToolAnnotations.None || headers.Count > 0))
        {
            traits.Add(new(CutText.Of(name, Longest.Name), annotations, headers));
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        if (hashes)
        {
            SHA256.HashData(_definition.WrittenSpan, hash);
        }

        string shown = redactor.Redact(name);
        return new(
            shown.Length > ToolList.LongestName ? shown[..ToolList.LongestName] : shown,
            MemoryMarshal.Read<UInt128>(hash),
            annotations
        );
    }

    // Icons and _meta are left out: they are for programs, and servers fill them with what differs from day to day.
    private static bool IsTold(ref JsonTokens reader) =>
        JsonValues.Is(ref reader, "description"u8)
        || JsonValues.Is(ref reader, "inputSchema"u8)
        || JsonValues.Is(ref reader, "annotations"u8)
        || JsonValues.Is(ref reader, "title"u8)
        || JsonValues.Is(ref reader, "outputSchema"u8);

    private void AppendValue(ref JsonTokens reader)
    {
        int depth = reader.CurrentDepth;
        Append(ref reader);
        while (
            (reader.CurrentDepth > depth || reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
            && reader.Read()
        )
        {
            Append(ref reader);
        }
    }

    // The kind of the token keeps "1" and 1 apart; no character of JSON is as small as the zero behind it.
    private void Append(ref JsonTokens reader)
    {
        if (!hashes)
        {
            return;
        }

        _definition.Write([(byte)reader.TokenType]);
        _definition.Write(reader.ValueSpan);
        _definition.Write([(byte)0]);
    }
}
