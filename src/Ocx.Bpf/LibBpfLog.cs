using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Extensions.Logging;
using Ocx.Bpf.Interop;

namespace Ocx.Bpf;

/// <summary>Routes libbpf's own messages, which it prints to standard error by default, to a logger.</summary>
public static unsafe partial class LibBpfLog
{
    private static ILogger? s_logger;

    /// <summary>Sends all further messages of libbpf in this process to the logger.</summary>
    public static void RouteTo(ILogger logger)
    {
        s_logger = logger;
        LibBpf.libbpf_set_print(&Print);
    }

    // libbpf's warnings repeat as exceptions what the caller is told anyway, so they are details here.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Print(int level, byte* format, nint arguments)
    {
        LogLevel logLevel = level == LibBpf.LIBBPF_DEBUG ? LogLevel.Trace : LogLevel.Debug;
        if (s_logger is not { } logger || !logger.IsEnabled(logLevel))
        {
            return 0;
        }
        const int Size = 4096;
        byte* buffer = stackalloc byte[Size];
        int length = LibC.vsnprintf(buffer, Size, format, arguments);
        string message = Encoding.UTF8.GetString(buffer, Math.Clamp(length, 0, Size - 1)).TrimEnd('\n');
        LogMessage(logger, logLevel, message);
        return length;
    }

    [LoggerMessage(EventId = 100, Message = "{LibBpfMessage}")]
    private static partial void LogMessage(ILogger logger, LogLevel level, string libBpfMessage);
}
