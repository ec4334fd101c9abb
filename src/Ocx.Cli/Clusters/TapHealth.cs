using k8s.Models;
using Ocx.Api;

namespace Ocx.Cli.Clusters;

/// <summary>How a tap fares.</summary>
internal enum TapState
{
    /// <summary>As asked for.</summary>
    Good,

    /// <summary>Its agents capture, and something is wrong or should be looked at.</summary>
    Impaired,

    /// <summary>Agents do not capture.</summary>
    Bad,

    /// <summary>The operator has not said yet.</summary>
    Unknown,
}

/// <summary>How a tap fares, by all of its conditions.</summary>
/// <param name="State">In one word.</param>
/// <param name="Reason">The reason of the condition that says so; null where none does.</param>
/// <param name="Message">What it says.</param>
internal sealed record TapHealth(TapState State, string? Reason, string? Message)
{
    private const string InvalidSpec = "InvalidSpec";

    /// <summary>Looks at a tap.</summary>
    public static TapHealth Of(V1Alpha1McpTap tap)
    {
        V1Condition? ready = Condition(tap, "Ready");
        V1Condition? degraded = Condition(tap, "Degraded");
        V1Condition? loss = Condition(tap, "DataLoss");
        return (ready, degraded, loss) switch
        {
            _ when tap.Problem is { } problem && degraded is not { Status: "True" } => new(
                TapState.Bad,
                InvalidSpec,
                $"its spec cannot be read: {problem}"
            ),
            (null, _, _) => new(TapState.Unknown, null, null),
            ({ Status: not "True", Reason: "Suspended" }, _, _) => From(TapState.Good, ready),
            ({ Status: not "True" }, _, _) => From(TapState.Bad, ready),
            (_, { Status: "True" }, _) => From(TapState.Impaired, degraded),
            (_, _, { Status: "True" }) => From(TapState.Impaired, loss),
            ({ Reason: "NothingCaptured" }, _, _) => From(TapState.Impaired, ready),
            _ => From(TapState.Good, ready),
        };
    }

    /// <summary>Does the status speak of an earlier spec?</summary>
    public static bool IsOld(V1Alpha1McpTap tap) =>
        tap.Status?.ObservedGeneration is { } observed && observed < tap.Metadata.Generation;

    private static TapHealth From(TapState state, V1Condition condition) =>
        new(state, condition.Reason, condition.Message);

    private static V1Condition? Condition(V1Alpha1McpTap tap, string type) =>
        tap.Status?.Conditions?.FirstOrDefault(condition => condition?.Type == type);
}
