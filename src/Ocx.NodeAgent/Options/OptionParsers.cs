using System.Numerics;
using System.Text;
using Ocx.Audit.Wire;
using Ocx.Bpf;
using Ocx.Mcp.Pairing;
using Ocx.Mcp.Redaction;
using Ocx.NodeProgram;
using Ocx.Text;

namespace Ocx.NodeAgent.Options;

/// <summary>
/// One parser for each kind of value. Each gives the value, or throws <see cref="FormatException"/> with the end of the
/// sentence "--flag VALUE: …", which says what is wanted.
/// </summary>
internal static class OptionParsers
{
    public static IReadOnlyList<string> Interfaces(string text)
    {
        string[] names = CommonParsers.List(text);
        foreach (string name in names)
        {
            if (
                Encoding.UTF8.GetByteCount(name) > LinkTable.MaxNameLength
                || name.AsSpan().ContainsAny("/: \t")
                || name is "." or ".."
            )
            {
                throw new FormatException(
                    $"'{name}' is no interface name: at most {LinkTable.MaxNameLength} bytes, "
                        + "without '/', ':' and blanks"
                );
            }
        }
        if (names.Length > 1 && names.Contains(AgentOptions.AnyInterface))
        {
            throw new FormatException("'any' stands for all interfaces and cannot be listed beside others");
        }
        return names;
    }

    public static IReadOnlyList<ushort> Ports(string text) => CommonParsers.Ports(text, AgentOptions.MaxPorts);

    public static uint RingSize(string text)
    {
        if (!ByteSize.TryParse(text, out long bytes) || bytes is 0 or > AgentOptions.MaxRingSize)
        {
            throw new FormatException(
                $"want a size from {ByteSize.Format(Environment.SystemPageSize)} to 1Gi, such as 16Mi"
            );
        }
        if (bytes % Environment.SystemPageSize != 0)
        {
            throw new FormatException($"not a multiple of the page size, {Environment.SystemPageSize} bytes");
        }
        if (!BitOperations.IsPow2(bytes))
        {
            long above = (long)BitOperations.RoundUpToPowerOf2((ulong)bytes);
            throw new FormatException(
                $"not a power of two; the next ones are {ByteSize.Format(above / 2)} and {ByteSize.Format(above)}"
            );
        }
        return (uint)bytes;
    }

    public static int SnapLength(string text) =>
        ByteSize.TryParse(text, out long bytes) && bytes is > 0 and <= AgentOptions.MaxSnapLength
            ? (int)bytes
            : throw new FormatException($"want a number of bytes from 1 to {AgentOptions.MaxSnapLength}");

    public static TimeSpan PositiveDuration(string text) =>
        Durations.TryParse(text, out TimeSpan duration) && duration > TimeSpan.Zero
            ? duration
            : throw new FormatException("want a duration above zero, such as 10s, 1m30s or 500ms");

    public static EventFormat Events(string text) =>
        text switch
        {
            "json" => EventFormat.Json,
            "text" => EventFormat.Text,
            "calls" => EventFormat.Calls,
            "lines" => EventFormat.Lines,
            "none" => EventFormat.None,
            _ => throw new FormatException("want text, json, lines, calls or none"),
        };

    // Kubernetes spells enumerations with a capital, a command line without.
    public static PayloadMode Payload(string text) =>
        text.ToUpperInvariant() switch
        {
            "FULL" => PayloadMode.Full,
            "METADATA" => PayloadMode.Metadata,
            _ => throw new FormatException("want full or metadata"),
        };

    public static string RedactPath(string text) => Redactable(text, new() { Paths = [text] });

    public static string RedactPattern(string text) => Redactable(text, new() { Patterns = [text] });

    public static long McpMemory(string text) =>
        ByteSize.TryParse(text, out long bytes) && bytes >= AgentOptions.MinMcpMemory
            ? bytes
            : throw new FormatException(
                $"want a size of at least {ByteSize.Format(AgentOptions.MinMcpMemory)}, such as 64Mi"
            );

    private static string Redactable(string text, RedactionOptions options) =>
        options.Validate() is [string problem, ..] ? throw new FormatException(problem) : text;

    /// <summary>What is told of arguments.</summary>
    public static int AuditArguments(string text) =>
        ByteSize.TryParse(text, out long bytes) && bytes <= AuditBounds.Arguments
            ? (int)bytes
            : throw new FormatException($"want a size up to {ByteSize.Format(AuditBounds.Arguments)}");

    /// <summary>Names of JSON-RPC methods.</summary>
    public static IReadOnlyList<string> Methods(string text) => CommonParsers.List(text);

    /// <summary>An address that HTTP goes to.</summary>
    public static Uri HttpUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && (url.Scheme is "http" or "https")
            ? url
            : throw new FormatException("expected a URL such as http://127.0.0.1:4317");
}
