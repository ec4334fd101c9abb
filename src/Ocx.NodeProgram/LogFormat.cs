namespace Ocx.NodeProgram;

/// <summary>The format of a program's own log on standard error.</summary>
public enum LogFormat
{
    /// <summary>A line that a person reads.</summary>
    Text,

    /// <summary>One JSON object a line (Serilog's compact format).</summary>
    Json,
}
