using System.Globalization;
using System.Text.Json;
using Ocx.Mcp.Buffers;
using Ocx.Mcp.Http;
using Ocx.Mcp.JsonRpc;

namespace Ocx.Mcp.Pairing;

/// <summary>
/// Compares the <c>Mcp-Param-</c> headers of a call with the arguments that they repeat, in one pass.
/// </summary>
/// <param name="wanted">The arguments that headers are to repeat; at most 16, with paths of at most 8 steps.</param>
/// <param name="headers">The headers; null for none.</param>
/// <param name="values">Reads the arguments' values.</param>
internal readonly ref struct ArgumentHeaders(
    IReadOnlyList<HeaderArgument> wanted,
    HeaderParameters? headers,
    JsonValues values
)
{
    /// <summary>True where a header and its argument differ, or only one of the two is there.</summary>
    public bool Disagree(ReadOnlySpan<byte> arguments)
    {
        // How many steps of each path the object that is being read is behind; all of them once it was compared.
        Span<int> reached = stackalloc int[wanted.Count];
        Span<bool> found = stackalloc bool[wanted.Count];
        reached.Clear();
        found.Clear();
        var reader = new JsonTokens(arguments);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.EndObject)
            {
                Leave(reached, reader.CurrentDepth);
            }
            else if (reader.TokenType == JsonTokenType.PropertyName && !Agrees(ref reader, reached, found))
            {
                return !reader.IsMalformed;
            }
        }

        if (reader.IsMalformed)
        {
            return false; // no arguments that anyone reads
        }

        for (int i = 0; i < wanted.Count; i++)
        {
            if (!found[i] && headers?.Find(wanted[i].Header) is not null)
            {
                return true;
            }
        }

        return false;
    }

    private static void Leave(scoped Span<int> reached, int depth)
    {
        foreach (ref int steps in reached)
        {
            steps = Math.Min(steps, Math.Max(0, depth - 1));
        }
    }

    // A property; its value is stepped over where no path leads into it.
    private bool Agrees(ref JsonTokens reader, scoped Span<int> reached, scoped Span<bool> found)
    {
        int depth = reader.CurrentDepth;
        bool enters = false;
        ReadOnlySpan<byte> name = values.Name(ref reader);
        Span<bool> ends = stackalloc bool[wanted.Count];
        ends.Clear();
        for (int i = 0; i < wanted.Count; i++)
        {
            IReadOnlyList<byte[]> path = wanted[i].Path;
            if (reached[i] == depth - 1 && path.Count >= depth && name.SequenceEqual(path[depth - 1]))
            {
                ends[i] = path.Count == depth;
                enters |= !ends[i];
                reached[i] = ends[i] ? reached[i] : depth;
            }
        }

        if (!reader.Read())
        {
            return false;
        }

        for (int i = 0; i < wanted.Count; i++)
        {
            if (
                ends[i]
                && reader.TokenType is not (JsonTokenType.Null or JsonTokenType.StartObject or JsonTokenType.StartArray)
            )
            {
                found[i] = true;
                if (!IsRepeated(ref reader, wanted[i].Header))
                {
                    return false;
                }
            }
        }

        if (!enters || reader.TokenType != JsonTokenType.StartObject)
        {
            Leave(reached, depth); // into no object
            reader.Skip();
        }

        return true;
    }

    private bool IsRepeated(ref JsonTokens reader, string header)
    {
        if (headers?.Find(header) is not { } said)
        {
            return headers is { IsCut: true };
        }

        return reader.TokenType switch
        {
            JsonTokenType.String => said == values.Text(ref reader, Longest.HeaderParameter),
            JsonTokenType.True => said == "true",
            JsonTokenType.False => said == "false",
            _ => IsNumber(ref reader, said),
        };
    }

    // 42.0 is 42.
    private static bool IsNumber(ref JsonTokens reader, string said) =>
        decimal.TryParse(said, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number)
        && decimal.TryParse(reader.ValueSpan, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal given)
            ? number == given
            : double.TryParse(said, NumberStyles.Float, CultureInfo.InvariantCulture, out double far)
                && double.TryParse(reader.ValueSpan, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
                && far == value;
}
