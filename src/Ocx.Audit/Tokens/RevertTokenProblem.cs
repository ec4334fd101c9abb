namespace Ocx.Audit.Tokens;

/// <summary>Why a text is no revert token for a call.</summary>
public enum RevertTokenProblem
{
    /// <summary>It is one.</summary>
    None,

    /// <summary>It does not look like one: another prefix, length or character.</summary>
    Malformed,

    /// <summary>It was made with a key that is not, or no longer, in the ring.</summary>
    UnknownKey,

    /// <summary>It was changed, was never made, or is another call's. Which of these it is cannot be told.</summary>
    Mismatch,

    /// <summary>It is this call's, and its time is over.</summary>
    Expired,
}
