using System.Text.Json;

namespace Ocx.Audit.Rehearsals;

/// <summary>How a rehearsal ended.</summary>
public enum RehearsalOutcome
{
    /// <summary>The tool answered.</summary>
    Answered,

    /// <summary>The tool answered that it failed (<c>isError</c>).</summary>
    ToolFailed,

    /// <summary>The server answered with a JSON-RPC error.</summary>
    Refused,

    /// <summary>No answer came in time.</summary>
    TimedOut,

    /// <summary>The server ended.</summary>
    Died,

    /// <summary>The server was ended as it had used up its memory.</summary>
    OutOfMemory,

    /// <summary>The call was not rehearsed.</summary>
    NotRehearsed,
}

/// <summary>The evidence of one rehearsal, for the jury.</summary>
public sealed record RehearsalEvidence
{
    /// <summary>How it ended.</summary>
    public required RehearsalOutcome Outcome { get; init; }

    /// <summary>Why it failed: a short reason by name; null when it did not.</summary>
    public string? Failure { get; init; }

    /// <summary>What the shadow answered; null when it did not.</summary>
    public JsonElement? Result { get; init; }

    /// <summary>What the call did.</summary>
    public required CallEffects Effects { get; init; }

    /// <summary>How long it took, from the call to the evidence.</summary>
    public required TimeSpan Took { get; init; }
}
