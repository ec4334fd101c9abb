using System.Text.Json.Serialization;
using Ocx.Api.Attributes;

namespace Ocx.Api;

/// <summary>
/// What an McpAudit is to judge, and who judges. A property's initial value is the default that the API server fills
/// in.
/// </summary>
public sealed class V1Alpha1McpAuditSpec
{
    /// <summary>The server.</summary>
    [JsonPropertyName("server")]
    [Description("The MCP server whose calls are audited: pods of this namespace, and their port.")]
    [Required]
    public V1Alpha1AuditServer? Server { get; set; }

    /// <summary>The calls.</summary>
    [JsonPropertyName("match")]
    [Description("Which of its calls are audited: those that all of tools, methods and when match.")]
    public V1Alpha1AuditMatch Match { get; set; } = new();

    /// <summary>Which calls can be taken back.</summary>
    [JsonPropertyName("classes")]
    [Description("Which tools do what can be taken back. What no rule says is irreversible.")]
    public V1Alpha1AuditClasses Classes { get; set; } = new();

    /// <summary>Who judges.</summary>
    [JsonPropertyName("jury")]
    [Description("Who judges the calls, and what makes a verdict of their votes.")]
    [Required]
    public V1Alpha1AuditJury? Jury { get; set; }

    /// <summary>Whether verdicts are carried out.</summary>
    [JsonPropertyName("mode")]
    [Description(
        "Observe records what would have been held and refused and delays nothing. "
            + "Enforce holds calls and results at the gate, and carries verdicts out."
    )]
    [AllowedValues(AuditMode.Observe, AuditMode.Enforce)]
    public string Mode { get; set; } = AuditMode.Observe;

    /// <summary>How calls are held.</summary>
    [JsonPropertyName("gate")]
    [Description("How calls are held, in mode Enforce.")]
    public V1Alpha1AuditGate Gate { get; set; } = new();

    /// <summary>What is masked beyond the built-in rules.</summary>
    [JsonPropertyName("redact")]
    [Description("What is masked in arguments beyond credentials, before anything is stored, shown or judged.")]
    public V1Alpha1Redaction? Redact { get; set; }

    /// <summary>How calls are rehearsed.</summary>
    [JsonPropertyName("rehearsal")]
    [Description(
        "Has calls rehearsed by a shadow of the server before they are judged, against clones of its state. "
            + "It is carried out on one machine alone."
    )]
    public V1Alpha1Rehearsal? Rehearsal { get; set; }

    /// <summary>How calls are taken back.</summary>
    [JsonPropertyName("compensate")]
    [Description("How calls that have run are taken back, when somebody reverts them by their tokens.")]
    public V1Alpha1Compensation? Compensate { get; set; }

    /// <summary>How long records are kept.</summary>
    [JsonPropertyName("retention")]
    [Description("How long, and how much of, the ledger is kept.")]
    public V1Alpha1AuditRetention Retention { get; set; } = new();

    /// <summary>What an API server cannot see in the schema.</summary>
    /// <param name="standsAlone">There is no cluster: the server is known by its port alone.</param>
    /// <returns>Why it cannot be carried out; empty when it can. Conditions in CEL are not looked at here.</returns>
    public IReadOnlyList<string> Problems(bool standsAlone = false)
    {
        var problems = new List<string>();
        if (Server is null)
        {
            problems.Add("spec.server: there is none");
        }
        else if (!standsAlone && Server.PodSelector is not { IsEmpty: false })
        {
            problems.Add("spec.server.podSelector: it selects by at least one label");
        }
        else
        {
            problems.AddRange(Server.PodSelector?.Problems() ?? []);
        }

        if (Redact?.Problem() is { } problem)
        {
            problems.Add(problem);
        }

        problems.AddRange(Rehearsal?.Problems() ?? []);
        problems.AddRange(Compensate?.Problems() ?? []);
        problems.AddRange(Jury?.Problems() ?? ["spec.jury: there is none"]);
        problems.AddRange(
            Gate?.Problems(Mode == AuditMode.Enforce ? Jury?.Deadline : null) ?? ["spec.gate: it is null"]
        );
        return problems;
    }
}

/// <summary>How long, and how much of, the ledger is kept.</summary>
public sealed class V1Alpha1AuditRetention
{
    /// <summary>The oldest record.</summary>
    [JsonPropertyName("age")]
    [Description("How long a record is kept, in hours or days.")]
    [Pattern("^[1-9][0-9]{0,3}[hd]$")]
    public string Age { get; set; } = "30d";

    /// <summary>The largest size.</summary>
    [JsonPropertyName("size")]
    [Description("How much is kept; the oldest goes first.")]
    [Pattern("^[1-9][0-9]{0,3}(Mi|Gi)$")]
    public string Size { get; set; } = "1Gi";
}
