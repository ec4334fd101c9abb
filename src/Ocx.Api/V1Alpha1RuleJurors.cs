using System.Text.Json.Serialization;
using Ocx.Api.Attributes;

namespace Ocx.Api;

/// <summary>The juror policy.</summary>
public sealed class V1Alpha1PolicyJuror
{
    /// <summary>The rules.</summary>
    [JsonPropertyName("rules")]
    [Description("The rules. The most severe one that matches votes; of equally severe ones the first.")]
    [Required]
    [MaxItems(64)]
    [ListType("map", "name")]
    public IList<V1Alpha1PolicyRule>? Rules { get; set; }
}

/// <summary>A rule in CEL.</summary>
public sealed class V1Alpha1PolicyRule
{
    /// <summary>The name.</summary>
    [JsonPropertyName("name")]
    [Description("The rule's name, in reasons and messages.")]
    [Required]
    [Length(Minimum = 1, Maximum = 63)]
    [Pattern("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")]
    public string Name { get; set; } = string.Empty;

    /// <summary>The condition.</summary>
    [JsonPropertyName("when")]
    [Description("Which calls it matches: CEL over call, tool, client, server and session, which gives a bool.")]
    [Required]
    [Length(Minimum = 1, Maximum = AuditBounds.Condition)]
    public string? When { get; set; }

    /// <summary>The vote.</summary>
    [JsonPropertyName("then")]
    [Description("The juror's vote on these calls.")]
    [Required]
    [AllowedValues("Release", "Hold", "Refuse")]
    public string? Then { get; set; }

    /// <summary>The reason.</summary>
    [JsonPropertyName("message")]
    [Description("The reason that people are told.")]
    [Length(Minimum = 1, Maximum = 256)]
    public string? Message { get; set; }
}

/// <summary>The juror signal. A bound of 0 switches its sign off.</summary>
public sealed class V1Alpha1SignalJuror
{
    /// <summary>The vote.</summary>
    [JsonPropertyName("vote")]
    [Description("Its vote when it sees a sign. Signs are no proof.")]
    [AllowedValues("Hold", "Refuse")]
    public string Vote { get; set; } = "Hold";

    /// <summary>The entropy of base64.</summary>
    [JsonPropertyName("base64Bits")]
    [Description("From how many bits a byte a run of base64's characters counts as encoded.")]
    [Pattern(Bits)]
    public string Base64Bits { get; set; } = "4.5";

    /// <summary>The entropy of hexadecimal.</summary>
    [JsonPropertyName("hexBits")]
    [Description("From how many bits a byte a run of hexadecimal digits counts as encoded.")]
    [Pattern(Bits)]
    public string HexBits { get; set; } = "3.0";

    /// <summary>The least run.</summary>
    [JsonPropertyName("minLength")]
    [Description("From how many bytes a run counts.")]
    [RangeMinimum(8)]
    [RangeMaximum(65536)]
    public int MinLength { get; set; } = 40;

    /// <summary>Encoded bytes.</summary>
    [JsonPropertyName("encodedBytes")]
    [Description("So many encoded bytes in a call are a sign.")]
    [RangeMinimum(0)]
    [RangeMaximum(1 << 30)]
    public int EncodedBytes { get; set; } = 512;

    /// <summary>Their share.</summary>
    [JsonPropertyName("encodedPercent")]
    [Description("So many of a hundred bytes being encoded are a sign.")]
    [RangeMinimum(0)]
    [RangeMaximum(100)]
    public int EncodedPercent { get; set; } = 50;

    /// <summary>The size.</summary>
    [JsonPropertyName("sizeFactor")]
    [Description("A request so many times larger than the tool's usual one is a sign.")]
    [RangeMinimum(0)]
    [RangeMaximum(1_000_000)]
    public int SizeFactor { get; set; } = 8;

    /// <summary>The rate.</summary>
    [JsonPropertyName("callsPerMinute")]
    [Description("More calls of a tool by one client within a minute are a sign.")]
    [RangeMinimum(0)]
    [RangeMaximum(1_000_000)]
    public int CallsPerMinute { get; set; } = 600;

    /// <summary>The regularity.</summary>
    [JsonPropertyName("regularityPercent")]
    [Description(
        "Calls with ever new arguments whose distance varies by less than so many hundredths of its mean are a sign."
    )]
    [RangeMinimum(0)]
    [RangeMaximum(100)]
    public int RegularityPercent { get; set; } = 10;

    private const string Bits = "^[0-7]([.][0-9]{1,2})?$";
}

/// <summary>The juror person.</summary>
public sealed class V1Alpha1PersonJuror
{
    /// <summary>How long an approval can be given.</summary>
    [JsonPropertyName("expires")]
    [Description("How long a person can decide on a call, such as 5m or 1h; at most 24h.")]
    [Pattern(AuditTime.Pattern)]
    public string Expires { get; set; } = "1h";
}
