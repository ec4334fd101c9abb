namespace Ocx.Operator.Status;

/// <summary>Why a tap's agents are not as its spec asks: a condition's reason and message.</summary>
/// <param name="Reason">One word in upper camel case.</param>
/// <param name="Message">What is wrong, and where it can be said, what to do.</param>
internal sealed record TapProblem(string Reason, string Message)
{
    /// <summary>The reason of a spec that cannot be used.</summary>
    public const string InvalidSpec = "InvalidSpec";

    /// <summary>The spec cannot be read, or holds what the present definition does not allow.</summary>
    public static TapProblem OfSpec(string problem) => new(InvalidSpec, Corrected(problem, "mcptap"));

    /// <summary>What is wrong with a spec, and what to do about it.</summary>
    public static string Corrected(string problem, string kind) =>
        $"{problem.TrimEnd('.')}. Correct the field: kubectl explain {kind}.spec says what it may be.";

    /// <summary>The API server refused the agents' DaemonSet.</summary>
    public static TapProblem Refused(string message) => new("ApplyFailed", message);

    /// <summary>No health port is left.</summary>
    public static TapProblem NoPort(string message) =>
        new("NoHealthPort", $"{message} Delete McpTaps that are not needed.");

    /// <summary>The operator failed again and again.</summary>
    public static TapProblem Failing(string message) => new("ReconcileFailed", message);
}
