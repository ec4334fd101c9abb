using System.Text.Json;

namespace Ocx.Audit.Rehearsals;

/// <summary>How a rehearsal ended.</summary>
public enum RehearsalOutcome
{
    /// <summary>The tool gave its result.</summary>
    Answered,

    /// <summary>The tool gave a result with <c>isError</c>.</summary>
    ToolFailed,

    /// <summary>The server answered with an error of JSON-RPC.</summary>
    Refused,

    /// <summary>There was no answer in time.</summary>
    TimedOut,

    /// <summary>The shadow server ended, or closed the connection.</summary>
    Died,

    /// <summary>It used more memory than it may.</summary>
    OutOfMemory,

    /// <summary>There was no rehearsal; <see cref="RehearsalEvidence.Failure"/> says why.</summary>
    NotRehearsed,
}

/// <summary>The evidence of one rehearsal, for the jury. Everything in it is the word of a shadow server.</summary>
public sealed record RehearsalEvidence
{
    /// <summary>How it ended.</summary>
    public required RehearsalOutcome Outcome { get; init; }

    /// <summary>
    /// Why it did not come to an end, by one of a few names, such as <c>no sandbox</c>; null where it did. It is a
    /// metric's label, and so holds nothing of a call, a server or a database.
    /// </summary>
    public string? Failure { get; init; }

    /// <summary>The result that the tool gave; null where it gave none, or more than may be kept.</summary>
    public JsonElement? Result { get; init; }

    /// <summary>What it did.</summary>
    public CallEffects Effects { get; init; } = CallEffects.NotObserved;

    /// <summary>From the question to this evidence.</summary>
    public TimeSpan Took { get; init; }

    /// <summary>
    /// Did the call come to its end? What one did that was cut off says nothing of what it would have done.
    /// </summary>
    public bool IsWhole =>
        Outcome is RehearsalOutcome.Answered or RehearsalOutcome.ToolFailed or RehearsalOutcome.Refused;

    /// <summary>The evidence of a rehearsal that could not be.</summary>
    /// <param name="failure">Why, by a name.</param>
    /// <param name="took">How long that took to find out.</param>
    public static RehearsalEvidence None(string failure, TimeSpan took = default) =>
        new()
        {
            Outcome = RehearsalOutcome.NotRehearsed,
            Failure = failure,
            Took = took,
        };
}
