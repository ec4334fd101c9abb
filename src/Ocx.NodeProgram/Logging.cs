using System.Globalization;
using Microsoft.Extensions.Logging;
using Ocx.Text;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Extensions.Logging;
using Serilog.Formatting.Compact;

namespace Ocx.NodeProgram;

/// <summary>
/// The log: Serilog's console sink, all of it on standard error, since standard output carries the events.
/// </summary>
public static class Logging
{
    private const string Template = "{Timestamp:yyyy-MM-dd HH:mm:ss.fff} [{Level:u3}] {Message:lj}{NewLine}";

    /// <summary>Creates the loggers; disposing the factory flushes them.</summary>
    public static ILoggerFactory Create(LogLevel level, LogFormat format)
    {
        LoggerConfiguration configuration = new LoggerConfiguration()
            .MinimumLevel.Is(LevelConvert.ToSerilogLevel(level))
            .Enrich.With<Escaped>();
        configuration =
            format == LogFormat.Json
                ? configuration.WriteTo.Console(
                    new RenderedCompactJsonFormatter(),
                    standardErrorFromLevel: LogEventLevel.Verbose
                )
                : configuration.WriteTo.Console(
                    outputTemplate: Template,
                    formatProvider: CultureInfo.InvariantCulture,
                    standardErrorFromLevel: LogEventLevel.Verbose
                );
        return new SerilogLoggerFactory(configuration.CreateLogger(), dispose: true);
    }

    // Messages of other programs and names from the wire are among the values: each event stays one line, whoever wrote
    // its values.
    private sealed class Escaped : ILogEventEnricher
    {
        // Longer than any message that is meant to be read.
        private const int LongestValue = 4096;

        public void Enrich(LogEvent logEvent, ILogEventPropertyFactory propertyFactory)
        {
            foreach ((string name, LogEventPropertyValue value) in logEvent.Properties.ToArray())
            {
                // A value that is no number, time or the like is shown as its own text, or a list of such.
                if (value is not ScalarValue { Value: null or bool or IFormattable })
                {
                    string text = value is ScalarValue { Value: string own }
                        ? own
                        : value.ToString("l", CultureInfo.InvariantCulture);
                    logEvent.AddOrUpdateProperty(
                        new LogEventProperty(name, new ScalarValue(WireText.Escape(text, LongestValue)))
                    );
                }
            }
        }
    }
}
