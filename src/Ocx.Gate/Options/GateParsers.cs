using System.Globalization;
using Ocx.Audit.Wire;

namespace Ocx.Gate.Options;

/// <summary>
/// One parser for each kind of value that the gate alone has. Each gives the value, or throws
/// <see cref="FormatException"/> with the end of the sentence "--flag VALUE: …", which says what is wanted.
/// </summary>
internal static class GateParsers
{
    public static string Namespace(string text) =>
        text.Length > 0 && text is not ("." or "..") && !text.AsSpan().ContainsAnyInRange('\0', ' ')
            ? text
            : throw new FormatException("want a name of `ip netns`, or a path with a slash");

    public static ushort Queue(string text) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort queue)
            ? queue
            : throw new FormatException("want a number of a packet queue, from 0 to 65535");

    public static int Queues(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int queues)
        && queues is > 0 and <= GateOptions.MaxQueues
            ? queues
            : throw new FormatException($"want a number of queues from 1 to {GateOptions.MaxQueues}");

    // Kubernetes spells enumerations with a capital, a command line without.
    public static GateFailurePolicy FailurePolicy(string text) =>
        text.ToUpperInvariant() switch
        {
            "OPEN" => GateFailurePolicy.Open,
            "CLOSED" => GateFailurePolicy.Closed,
            _ => throw new FormatException("want Closed or Open"),
        };
}
