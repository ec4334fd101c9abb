using System.Buffers;
using System.Globalization;
using System.Text.Json;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Ocx.Api;

/// <summary>
/// Reads the documents of a YAML file as JSON, as kubectl does before it sends them. Plain scalars are of YAML 1.2's
/// core schema: <c>null</c>, <c>true</c>, <c>false</c>, numbers; all else is text. An alias stands for a copy of what
/// it names, and copies count, so that a few lines cannot become gigabytes.
/// </summary>
public static class YamlDocuments
{
    private const int MaxDepth = 64,
        MaxNodes = 100_000;

    /// <summary>Reads all documents; empty ones are left out.</summary>
    /// <param name="yaml">The file's text; JSON is YAML.</param>
    /// <exception cref="FormatException">
    /// It is no YAML, too deep, or too much of it; the message has the line.
    /// </exception>
    public static IReadOnlyList<JsonElement> Read(string yaml)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(yaml));
        }
        catch (YamlException wrong)
        {
            throw new FormatException($"line {wrong.Start.Line}: {wrong.Message}", wrong);
        }
        catch (Exception wrong) when (wrong is InvalidOperationException or ArgumentException)
        {
            // The parser says so of some texts ("port: [" and a line break).
            throw new FormatException($"it is no YAML: {wrong.Message}", wrong);
        }

        var documents = new List<JsonElement>();
        foreach (YamlDocument document in stream.Documents)
        {
            if (document.RootNode is YamlScalarNode { Style: ScalarStyle.Plain or ScalarStyle.Any, Value: null or "" })
            {
                continue;
            }

            var json = new ArrayBufferWriter<byte>();
            using (var to = new Utf8JsonWriter(json, new JsonWriterOptions { MaxDepth = MaxDepth + 1 }))
            {
                int nodes = MaxNodes;
                Write(to, document.RootNode, MaxDepth, ref nodes);
            }

            documents.Add(JsonElement.Parse(json.WrittenSpan));
        }

        return documents;
    }

    private static void Write(Utf8JsonWriter to, YamlNode node, int depth, ref int nodes)
    {
        Require(--nodes >= 0, node, $"there are more than {MaxNodes} values");
        switch (node)
        {
            case YamlMappingNode mapping:
                Require(depth > 0, node, $"it is nested more than {MaxDepth} levels deep");
                WriteMapping(to, mapping, depth, ref nodes);
                break;
            case YamlSequenceNode sequence:
                Require(depth > 0, node, $"it is nested more than {MaxDepth} levels deep");
                to.WriteStartArray();
                foreach (YamlNode item in sequence)
                {
                    Write(to, item, depth - 1, ref nodes);
                }

                to.WriteEndArray();
                break;
            case YamlScalarNode scalar:
                WriteScalar(to, scalar);
                break;
            default:
                throw Wrong(node, "it is neither a mapping, a sequence nor a scalar");
        }
    }

    private static void WriteMapping(Utf8JsonWriter to, YamlMappingNode mapping, int depth, ref int nodes)
    {
        to.WriteStartObject();
        foreach ((YamlNode key, YamlNode value) in mapping.Children)
        {
            if (key is not YamlScalarNode { Value: { } name })
            {
                throw Wrong(key, "a key must be text");
            }

            to.WritePropertyName(name);
            Write(to, value, depth - 1, ref nodes);
        }

        to.WriteEndObject();
    }

    private static void WriteScalar(Utf8JsonWriter to, YamlScalarNode scalar)
    {
        string text = scalar.Value ?? string.Empty;
        if (scalar.Style is not (ScalarStyle.Plain or ScalarStyle.Any))
        {
            to.WriteStringValue(text);
            return;
        }

        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                to.WriteNullValue();
                return;
            case "true" or "True" or "TRUE":
                to.WriteBooleanValue(true);
                return;
            case "false" or "False" or "FALSE":
                to.WriteBooleanValue(false);
                return;
        }

        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole))
        {
            to.WriteNumberValue(whole);
        }
        else if (
            (char.IsAsciiDigit(text[0]) || text[0] is '-' or '+' or '.')
            && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
            && double.IsFinite(number)
        )
        {
            to.WriteNumberValue(number);
        }
        else
        {
            to.WriteStringValue(text);
        }
    }

    private static void Require(bool condition, YamlNode node, string problem)
    {
        if (!condition)
        {
            throw Wrong(node, problem);
        }
    }

    private static FormatException Wrong(YamlNode node, string problem) => new($"line {node.Start.Line}: {problem}");
}
