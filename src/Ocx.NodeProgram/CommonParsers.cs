using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging;

namespace Ocx.NodeProgram;

/// <summary>
/// One parser for each kind of value that all of these programs have. Each gives the value, or throws
/// <see cref="FormatException"/> with the end of the sentence "--flag VALUE: …", which says what is wanted.
/// </summary>
public static class CommonParsers
{
    /// <summary>TCP ports: one, or a comma list, each once.</summary>
    /// <param name="text">The text.</param>
    /// <param name="most">How many there may be.</param>
    public static IReadOnlyList<ushort> Ports(string text, int most)
    {
        var ports = new List<ushort>();
        foreach (string item in List(text))
        {
            if (!ushort.TryParse(item, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) || port == 0)
            {
                throw new FormatException($"'{item}' is no TCP port: want 1 to 65535");
            }
            if (!ports.Contains(port))
            {
                ports.Add(port);
            }
        }
        return ports.Count <= most
            ? ports
            : throw new FormatException($"{ports.Count} ports, but at most {most} are taken");
    }

    /// <summary><c>true</c> or <c>false</c>.</summary>
    public static bool Switch(string text) =>
        text switch
        {
            "true" => true,
            "false" => false,
            _ => throw new FormatException("want true or false"),
        };

    /// <summary>A TCP port, or 0 for none.</summary>
    public static int PortOrNone(string text) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port)
            ? port
            : throw new FormatException("want a TCP port from 1 to 65535, or 0 for none");

    /// <summary>An IP address.</summary>
    public static IPAddress Address(string text) =>
        IPAddress.TryParse(text, out IPAddress? address)
            ? address
            : throw new FormatException("want an IP address of this machine");

    /// <summary>A format of the log.</summary>
    public static LogFormat LogFormat(string text) =>
        text switch
        {
            "text" => NodeProgram.LogFormat.Text,
            "json" => NodeProgram.LogFormat.Json,
            _ => throw new FormatException("want text or json"),
        };

    /// <summary>A level of the log.</summary>
    public static LogLevel Level(string text) =>
        text.ToUpperInvariant() switch
        {
            "TRACE" => LogLevel.Trace,
            "DEBUG" => LogLevel.Debug,
            "INFO" or "INFORMATION" => LogLevel.Information,
            "WARN" or "WARNING" => LogLevel.Warning,
            "ERROR" => LogLevel.Error,
            _ => throw new FormatException("want trace, debug, info, warn or error"),
        };

    /// <summary>The items of a comma list, each once.</summary>
    public static string[] List(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] items = [.. text.Split(',', StringSplitOptions.TrimEntries).Distinct(StringComparer.Ordinal)];
        return items.All(item => item.Length > 0) ? items : throw new FormatException("an item of the list is empty");
    }
}
