using System.Text.Json.Serialization;
using Ocx.Api.Attributes;

namespace Ocx.Api;

/// <summary>How calls are held, in mode Enforce.</summary>
public sealed class V1Alpha1AuditGate
{
    /// <summary>What becomes of what cannot be held or judged.</summary>
    [JsonPropertyName("failurePolicy")]
    [Description(
        "What becomes of a call that cannot be held or judged, since no auditor answers, too much waits, or it cannot "
            + "be read: Closed refuses it, Open lets it pass. Each is counted."
    )]
    [AllowedValues(GateFailurePolicy.Closed, GateFailurePolicy.Open)]
    public string FailurePolicy { get; set; } = GateFailurePolicy.Closed;

    /// <summary>The longest hold.</summary>
    [JsonPropertyName("maxHold")]
    [Description("The longest that a call or its result is held, such as 500ms or 10s; at most 55s.")]
    [Pattern(AuditTime.Pattern)]
    public string MaxHold { get; set; } = "10s";

    // The SDKs of MCP give a call up after 60 s when nothing else is said.
    private static readonly TimeSpan s_longestHold = TimeSpan.FromSeconds(55);

    /// <summary>What an API server cannot see in the schema.</summary>
    /// <param name="juryDeadline">How long the jury may take.</param>
    internal IEnumerable<string> Problems(string? juryDeadline)
    {
        if (!AuditTime.TryParse(MaxHold, out TimeSpan most) || most > s_longestHold)
        {
            yield return $"spec.gate.maxHold: '{MaxHold}' is no time such as 500ms or 10s, at most 55s";
        }
        else if (AuditTime.TryParse(juryDeadline, out TimeSpan deadline) && deadline > most)
        {
            yield return $"spec.jury.deadline: {juryDeadline} is longer than the {MaxHold} of spec.gate.maxHold, for "
                + "which a call can be held";
        }
    }
}
