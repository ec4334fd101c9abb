using System.Globalization;
using Ocx.Cli.Options;
using Ocx.Cli.Terminals;
using Ocx.Mcp.Records;
using Ocx.Text;

namespace Ocx.Cli.Calls;

/// <summary>Prints calls as they come, one a line: columns that do not wait for the widest value, or JSON.</summary>
/// <param name="terminal">Where they go.</param>
/// <param name="format">How.</param>
/// <param name="more">Columns behind those that all calls have; JSON lines do not have them.</param>
internal sealed class CallPrinter(
    Terminal terminal,
    OutputFormat format,
    params IReadOnlyList<Column<RecordedCall>> more
)
{
    private static readonly Column<RecordedCall>[] s_table =
    [
        new("TIME", 12, call => call.StartTime.ToLocalTime().ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture)),
        new("CLIENT", 22, call => call.Client.BestName),
        new("SERVER", 22, call => call.Server.BestName),
        new("METHOD", 15, call => call.Method),
        new("NAME", 18, call => call.Name),
        new("DURATION", 9, call => Milliseconds(call.Duration)),
        new("STATUS", 10, Status, Colour),
    ];

    private static readonly Column<RecordedCall>[] s_wide =
    [
        new("START", 30, call => Rfc3339.Format(call.StartUnixNs)),
        new("NODE", 12, call => call.Node),
        new("TAP", 10, call => call.Tap),
        .. s_table[1..3],
        new("CLIENT-ADDRESS", 21, call => call.Client.Endpoint),
        new("SERVER-ADDRESS", 21, call => call.Server.Endpoint),
        .. s_table[3..6],
        new("REQUEST", 8, call => call.RequestBytes.ToString(CultureInfo.InvariantCulture)),
        new("RESPONSE", 8, call => call.ResponseBytes.ToString(CultureInfo.InvariantCulture)),
        new("TASK", 10, call => call.TaskId),
        new("REVISION", 10, call => call.ProtocolVersion),
        new("COMPLETE", 9, call => call.Completeness),
        s_table[^1],
    ];

    private readonly ColumnPrinter<RecordedCall> _lines = new(
        terminal,
        [.. (format == OutputFormat.Wide ? s_wide : s_table), .. more]
    );

    /// <summary>Prints a call.</summary>
    public void Print(RecordedCall call)
    {
        if (format == OutputFormat.Json)
        {
            JsonLines.Write(terminal, call.WriteTo);
        }
        else
        {
            _lines.Print(call);
        }
    }

    /// <summary>
    /// Prints the columns' names, if they do not stand there yet: a table without calls has them too.
    /// </summary>
    public void PrintHeader()
    {
        if (format != OutputFormat.Json)
        {
            _lines.PrintHeader();
        }
    }

    /// <summary>Milliseconds as people read them: <c>1.2ms</c>, <c>35s</c>.</summary>
    public static string Milliseconds(TimeSpan duration) =>
        duration.TotalSeconds >= 10
            ? string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0.0}s")
            : string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMilliseconds:0.0}ms");

    private static string Status(RecordedCall call) =>
        call switch
        {
            { Status: "rpc_error", ErrorCode: not 0 } => $"{call.Status}({McpErrors.Describe(call.ErrorCode)})",
            { Status: "http_error", HttpStatus: not 0 } => string.Create(
                CultureInfo.InvariantCulture,
                $"{call.Status}({call.HttpStatus})"
            ),
            _ => call.Status,
        };

    private static Paint Colour(RecordedCall call) =>
        call.Status switch
        {
            "ok" => Paint.Green,
            "cancelled" or "unpaired" or "input_required" => Paint.Yellow,
            _ => Paint.Red,
        };
}
