namespace Ocx.Cli.Exits;

/// <summary>The command ends here. The message is one line that says why and what to do.</summary>
internal sealed class CliException(int exitCode, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What the process ends with.</summary>
    public int ExitCode { get; } = exitCode;

    /// <summary>It could not be started as it was asked to.</summary>
    public static CliException CannotStart(string message, Exception? inner = null) =>
        new(ExitCodes.CannotStart, message, inner);

    /// <summary>It failed under way.</summary>
    public static CliException Failed(string message, Exception? inner = null) => new(ExitCodes.Failed, message, inner);
}
