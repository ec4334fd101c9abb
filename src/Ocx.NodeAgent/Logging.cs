using System.Globalization;
using Microsoft.Extensions.Logging;
using Ocx.NodeAgent.Options;
using Serilog;
using Serilog.Events;
using Serilog.Extensions.Logging;
using Serilog.Formatting.Compact;

namespace Ocx.NodeAgent;

/// <summary>The log: Serilog's console sink, all of it on standard error, since standard output carries the events.</summary>
internal static class Logging
{
    private const string Template = "{Timestamp:yyyy-MM-dd HH:mm:ss.fff} [{Level:u3}] {Message:lj}{NewLine}{Exception}";

    /// <summary>Creates the loggers; disposing the factory flushes them.</summary>
    public static ILoggerFactory Create(LogLevel level, LogFormat format)
    {
        LoggerConfiguration configuration = new LoggerConfiguration().MinimumLevel.Is(LevelConvert.ToSerilogLevel(level));
        configuration = format == LogFormat.Json
            ? configuration.WriteTo.Console(new RenderedCompactJsonFormatter(), standardErrorFromLevel: LogEventLevel.Verbose)
            : configuration.WriteTo.Console(
                outputTemplate: Template, formatProvider: CultureInfo.InvariantCulture, standardErrorFromLevel: LogEventLevel.Verbose);
        return new SerilogLoggerFactory(configuration.CreateLogger(), dispose: true);
    }
}
