using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Ocx.Cli.Calls;
using Ocx.Cli.Exits;
using Ocx.Cli.Observe;
using Ocx.Cli.Options;
using Ocx.Cli.Terminals;
using Ocx.Mcp.Records;
using Spectre.Console;

namespace Ocx.Cli.Top;

/// <summary><c>ocx top</c>: the busiest tools, now.</summary>
internal static class TopCommand
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(2);

    /// <summary>Describes the command.</summary>
    public static Command Create(Terminal terminal)
    {
        var source = new CallSource();
        Option<OutputFormat> output = CliOption.Output();
        var interval = CliOption.Of<TimeSpan?>(
            "--interval",
            "DURATION",
            text => OptionParsers.Wait(text),
            "Time that a table is about (default: 2s)"
        );
        var once = CliOption.Switch("--once", "Print one table after one interval and end");
        var command = new Command(
            "top",
            """
            Show the tools that are called most, with their rate, errors and durations.

            Examples:
              ocx top
              ocx top --namespace shop --interval 10s --once
              sudo ocx-node-agent --events calls --interface any | ocx top --input -
            """
        )
        {
            interval,
            once,
            output,
        };
        source.AddTo(command);
        command.SetAction(
            async (parse, cancellation) =>
            {
                TimeSpan every = parse.GetValue(interval) ?? s_interval;
                IAsyncEnumerable<RecordedCall> calls = source.ReadAsync(parse, terminal, follow: true, cancellation);
                OutputFormat format = parse.GetValue(output);
                if (!terminal.IsInteractive || parse.GetValue(once) || format == OutputFormat.Json)
                {
                    await new Intervals(calls, every, parse.GetValue(once))
                        .RunAsync(rows => Print(terminal, rows, every, format), cancellation)
                        .ConfigureAwait(false);
                }
                else
                {
                    await terminal
                        .Console.Live(Table([], every))
                        .StartAsync(live =>
                            new Intervals(calls, every, once: false).RunAsync(
                                rows =>
                                    live.UpdateTarget(
                                        Table(rows.Take(Math.Max(1, terminal.Console.Profile.Height - 3)), every)
                                    ),
                                cancellation
                            )
                        )
                        .ConfigureAwait(false);
                }

                return ExitCodes.Ok;
            }
        );
        return command;
    }

    private static void Print(Terminal terminal, IReadOnlyList<ToolRow> rows, TimeSpan every, OutputFormat format)
    {
        if (format == OutputFormat.Json)
        {
            foreach (ToolRow row in rows)
            {
                JsonLines.Write(terminal, json => Write(json, row, every));
            }

            terminal.Output.Flush();
            return;
        }

        terminal.Console.Write(Table(rows, every));
        terminal.Output.WriteLine();
        terminal.Output.Flush();
    }

    private static void Write(Utf8JsonWriter json, ToolRow row, TimeSpan every)
    {
        json.WriteStartObject();
        json.WriteString("method", row.Method);
        json.WriteString("name", row.Name);
        json.WriteNumber("callsPerSecond", row.Calls / every.TotalSeconds);
        json.WriteNumber("calls", row.Calls);
        json.WriteNumber("errors", row.Errors);
        json.WriteNumber("p50Ns", row.Median.Ticks * TimeSpan.NanosecondsPerTick);
        json.WriteNumber("p95Ns", row.Slow.Ticks * TimeSpan.NanosecondsPerTick);
        json.WriteEndObject();
    }

    private static Table Table(IEnumerable<ToolRow> rows, TimeSpan every)
    {
        Table table = Tables.Create("METHOD", "NAME", "CALLS/S", "CALLS", "ERRORS", "P50", "P95");
        foreach (ToolRow row in rows)
        {
            table.AddRow(
                Tables.Cell(row.Method),
                Tables.Cell(row.Name),
                Tables.Cell((row.Calls / every.TotalSeconds).ToString("0.0", CultureInfo.InvariantCulture)),
                Tables.Count(row.Calls),
                Tables.Loss(row.Errors),
                Tables.Cell(CallPrinter.Milliseconds(row.Median)),
                Tables.Cell(CallPrinter.Milliseconds(row.Slow))
            );
        }

        return table;
    }
}
