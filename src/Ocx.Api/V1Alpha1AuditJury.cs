using System.Text.Json.Serialization;
using Ocx.Api.Attributes;

namespace Ocx.Api;

/// <summary>Who judges calls, and what makes a verdict of their votes.</summary>
public sealed class V1Alpha1AuditJury
{
    /// <summary>The jurors.</summary>
    [JsonPropertyName("jurors")]
    [Description("The jurors; all are asked at once.")]
    [Required]
    [MaxItems(32)]
    [ListType("map", "name")]
    public IList<V1Alpha1Juror>? Jurors { get; set; }

    /// <summary>What makes a verdict.</summary>
    [JsonPropertyName("quorum")]
    [Description(
        "AnyRefuses refuses when one juror does and releases when all who vote do; Unanimous and Majority decide by "
            + "all, or more than half, of those who vote. What none of them decides is held for a person."
    )]
    [AllowedValues("AnyRefuses", "Majority", "Unanimous")]
    public string Quorum { get; set; } = "AnyRefuses";

    /// <summary>The limit of the whole.</summary>
    [JsonPropertyName("deadline")]
    [Description("How long the whole jury may take, such as 500ms or 5s; at most 1m.")]
    [Pattern(AuditTime.Pattern)]
    public string Deadline { get; set; } = "5s";

    /// <summary>What the deadline means.</summary>
    [JsonPropertyName("onDeadline")]
    [Description(
        "Refuse makes a call Expired that is not decided by the deadline. Release takes those who have not voted to "
            + "release it; votes against it still count."
    )]
    [AllowedValues("Refuse", "Release")]
    public string OnDeadline { get; set; } = "Refuse";

    /// <summary>What no vote means.</summary>
    [JsonPropertyName("onNoVotes")]
    [Description(
        "What becomes of a call on which nobody votes. When not given, what can be taken back is released, and the "
            + "rest is held."
    )]
    [AllowedValues("Release", "Hold", "Refuse")]
    public string? OnNoVotes { get; set; }

    // Verdicts are acknowledged to agents in the order of their calls.
    private static readonly TimeSpan s_longestDeadline = TimeSpan.FromMinutes(1);

    /// <summary>What an API server cannot see in the schema.</summary>
    internal IEnumerable<string> Problems()
    {
        if (!AuditTime.TryParse(Deadline, out TimeSpan deadline) || deadline > s_longestDeadline)
        {
            yield return $"spec.jury.deadline: '{Deadline}' is no time such as 500ms or 5s, at most 1m";
        }

        if (Jurors is not { Count: > 0 })
        {
            yield return "spec.jury.jurors: there is none";
        }

        foreach (var juror in Jurors ?? [])
        {
            foreach (var problem in juror.Problems())
            {
                yield return $"spec.jury.jurors: {juror.Name}: {problem}";
            }
        }
    }
}

/// <summary>One juror: exactly one of policy, signal, webhook, model and person.</summary>
public sealed class V1Alpha1Juror
{
    /// <summary>The name.</summary>
    [JsonPropertyName("name")]
    [Description("The juror's name, in verdicts and metrics.")]
    [Required]
    [Length(Minimum = 1, Maximum = 63)]
    [Pattern("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")]
    public string Name { get; set; } = string.Empty;

    /// <summary>The limit.</summary>
    [JsonPropertyName("timeout")]
    [Description("How long this juror may take, such as 500ms, 5s or 2m; at most 24h.")]
    [Pattern(AuditTime.Pattern)]
    public string Timeout { get; set; } = "2s";

    /// <summary>What its failure means.</summary>
    [JsonPropertyName("onFailure")]
    [Description("The juror's vote when it fails or takes too long. It never is a release.")]
    [AllowedValues("Hold", "Refuse", "Abstain")]
    public string OnFailure { get; set; } = "Hold";

    /// <summary>Rules.</summary>
    [JsonPropertyName("policy")]
    [Description("Rules in CEL.")]
    public V1Alpha1PolicyJuror? Policy { get; set; }

    /// <summary>Signals.</summary>
    [JsonPropertyName("signal")]
    [Description("Signs of data that is carried out: encoded text, size, rate and regularity.")]
    public V1Alpha1SignalJuror? Signal { get; set; }

    /// <summary>A webhook.</summary>
    [JsonPropertyName("webhook")]
    [Description("A service that is asked over HTTPS.")]
    public V1Alpha1WebhookJuror? Webhook { get; set; }

    /// <summary>Models.</summary>
    [JsonPropertyName("model")]
    [Description("Language models that are asked.")]
    public V1Alpha1ModelJuror? Model { get; set; }

    /// <summary>A person.</summary>
    [JsonPropertyName("person")]
    [Description("A person who approves or refuses.")]
    public V1Alpha1PersonJuror? Person { get; set; }

    /// <summary>What an API server cannot see in the schema.</summary>
    internal IEnumerable<string> Problems()
    {
        if (!AuditTime.TryParse(Timeout, out _))
        {
            yield return $"timeout: '{Timeout}' is no time such as 500ms, 5s or 2m, at most 24h";
        }

        object?[] kinds = [Policy, Signal, Webhook, Model, Person];
        if (kinds.Count(kind => kind is not null) != 1)
        {
            yield return "a juror is exactly one of policy, signal, webhook, model and person";
        }

        if (Policy is { Rules: not { Count: > 0 } })
        {
            yield return "policy.rules: there is none";
        }

        if (Webhook is { ClientCertificateSecret: not null, TokenSecret: not null })
        {
            yield return "webhook: it has a client certificate or a token, and not both";
        }

        if (Model is { Models: not { Count: > 0 } })
        {
            yield return "model.models: there is none";
        }

        if (Person is not null && !AuditTime.TryParse(Person.Expires, out _))
        {
            yield return $"person.expires: '{Person.Expires}' is no time such as 5m or 1h, at most 24h";
        }
    }
}
