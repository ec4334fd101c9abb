namespace Ocx.Audit.Rehearsals;

/// <summary>
/// Why a call was not rehearsed, or not to its end, as <see cref="RehearsalEvidence.Failure"/> says it.
/// </summary>
public static class RehearsalFailure
{
    /// <summary>This auditor has no means to rehearse.</summary>
    public const string NotCarriedOut = "not carried out here";

    /// <summary>It is no call of a tool.</summary>
    public const string NoToolCall = "no tool call";

    /// <summary>Its arguments are not what the client sent: something in them is masked, or was not seen.</summary>
    public const string ArgumentsNotExact = "arguments not exact";

    /// <summary>As many rehearsals were under way as may be.</summary>
    public const string Busy = "busy";

    /// <summary>No shadow of the server was ready in time.</summary>
    public const string NoShadow = "no shadow ready";

    /// <summary>A source of state could not be cloned.</summary>
    public const string NoClone = "no clone ready";

    /// <summary>A clone was further behind its source than it may be.</summary>
    public const string Lag = "clone too far behind";

    /// <summary>It took longer than it may.</summary>
    public const string Timeout = "timeout";

    /// <summary>The shadow ended before it answered.</summary>
    public const string Died = "shadow died";

    /// <summary>The shadow used more memory than it may.</summary>
    public const string OutOfMemory = "out of memory";

    /// <summary>What the call did could not be read, though it answered.</summary>
    public const string NoEffects = "effects not read";

    /// <summary>The jury had decided before it was over. This is no failure of its own.</summary>
    public const string NotWaitedFor = "not waited for";

    /// <summary>Anything else; the log has it.</summary>
    public const string Error = "error";

    /// <summary>One of the names above: <see cref="Error"/> for any other text.</summary>
    public static string KindOf(string failure) =>
        failure
            is NotCarriedOut
                or NoToolCall
                or ArgumentsNotExact
                or Busy
                or NoShadow
                or NoClone
                or Lag
                or Timeout
                or Died
                or OutOfMemory
                or NoEffects
                or NotWaitedFor
            ? failure
            : Error;

    /// <summary>The name of a failure that only its outcome tells of; null of a call that came to its end.</summary>
    public static string? Of(RehearsalOutcome outcome) =>
        outcome switch
        {
            RehearsalOutcome.Answered or RehearsalOutcome.ToolFailed or RehearsalOutcome.Refused => null,
            RehearsalOutcome.TimedOut => Timeout,
            RehearsalOutcome.Died => Died,
            RehearsalOutcome.OutOfMemory => OutOfMemory,
            _ => Error,
        };
}
