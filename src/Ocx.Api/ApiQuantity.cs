using System.Text.RegularExpressions;

namespace Ocx.Api;

/// <summary>
/// Kubernetes' quantities, such as <c>512Mi</c>, <c>0.5</c> or <c>1e3</c>, as far as nodes have them: none is negative,
/// and the digits are bounded, since whoever computes with <c>1e999999999</c> is done for.
/// </summary>
public static partial class ApiQuantity
{
    /// <summary>The pattern that the API server holds a quantity to, where it is written as text.</summary>
    public const string Pattern =
        "^[+]?([0-9]{1,18}([.][0-9]{0,9})?|[.][0-9]{1,9})([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]{1,2})?$";

    /// <summary>The largest quantity that is written as a number: it has as many digits as one that is text.</summary>
    public const long MostDigits = 999_999_999_999_999_999;

    /// <summary>Whether a text is such a quantity.</summary>
    /// <param name="text">The text.</param>
    /// <returns>True when it is one.</returns>
    public static bool IsOne(string text) => Form().IsMatch(text) && !text.EndsWith('\n');

    [GeneratedRegex(Pattern)]
    private static partial Regex Form();
}
