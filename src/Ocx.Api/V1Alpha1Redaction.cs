using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Ocx.Api.Attributes;

namespace Ocx.Api;

/// <summary>What is masked in arguments and results beyond credentials.</summary>
public sealed class V1Alpha1Redaction
{
    /// <summary>The places.</summary>
    [JsonPropertyName("paths")]
    [Description(
        "Places in arguments and results whose value is masked whole: $.user.email, $.items[*].key; "
            + "* stands for any name or element."
    )]
    [Length(Maximum = 256)]
    [Pattern(@"^\$(\.[^\s.\[\]$]+(\[\*\])*)+$")]
    [MaxItems(32)]
    [ListType("set")]
    public IList<string>? Paths { get; set; }

    /// <summary>The patterns.</summary>
    [JsonPropertyName("patterns")]
    [Description(
        "Regular expressions (.NET, without backtracking: no lookarounds, no backreferences); "
            + "what they match inside a string is masked."
    )]
    [Length(Minimum = 1, Maximum = 512)]
    [Pattern("^[^\\n\\r]+$")]
    [MaxItems(32)]
    [ListType("set")]
    public IList<string>? Patterns { get; set; }

    /// <summary>What an API server cannot see in the schema.</summary>
    /// <returns>The first pattern that is no regular expression, with the reason; null when all can be used.</returns>
    public string? Problem()
    {
        foreach (var pattern in Patterns ?? [])
        {
            try
            {
                _ = new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            }
            catch (Exception e) when (e is ArgumentException or NotSupportedException)
            {
                return $"spec.redact.patterns: '{pattern}' is not a regular expression without backtracking: "
                    + $"{e.Message}";
            }
        }

        return null;
    }
}
