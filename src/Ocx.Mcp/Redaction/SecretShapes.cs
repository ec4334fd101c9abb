using System.Text.RegularExpressions;

namespace Ocx.Mcp.Redaction;

/// <summary>
/// What credentials look like: the names that hold them, and the forms that well-known issuers give them.
/// </summary>
internal static partial class SecretShapes
{
    public const string Mask = "[redacted]";

    /// <summary>True when what stands under this name is a credential.</summary>
    public static bool IsSensitiveName(string name) => SensitiveName().IsMatch(name);

    /// <summary>True for a name that is masked to be safe and most often holds a place in a list.</summary>
    public static bool IsPageToken(string name) => PageToken().IsMatch(name);

    /// <summary>The text with every credential in it masked; the same object when there is none.</summary>
    public static string Redact(string text) => SecretHints.AnyIn(text) ? Shape().Replace(text, Mask) : text;

    [GeneratedRegex(
        "passw|passphrase|secret|token$|api[_-]?key|access[_-]?key|private[_-]?key|authorization|cookie|credential",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant
    )]
    private static partial Regex SensitiveName();

    [GeneratedRegex(
        "(page|next|previous|continuation|continue|cursor|sync|progress)[_-]?token$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant
    )]
    private static partial Regex PageToken();

    [GeneratedRegex(
        """
            -----BEGIN\ [A-Z ]*PRIVATE\ KEY-----[\s\S]*?(?:-----END\ [A-Z ]*PRIVATE\ KEY-----|\z)
            | \b(?:bearer|basic)\s+[A-Za-z0-9._~+/=\-]{6,}
            | \beyJ[A-Za-z0-9_\-]{6,}(?:\.[A-Za-z0-9_\-]*)*
            | \b(?:sk|pk|rk)[_\-][A-Za-z0-9_\-]{12,}
            | \bgh[pousr]_[A-Za-z0-9]{16,} | \bgithub_pat_\w{16,} | \bglpat-[\w\-]{12,} | \bxox[a-z]-[\w\-]{8,}
            | \b(?:AKIA|ASIA)[A-Z0-9]{16} | \bAIza[\w\-]{20,} | \bnpm_[A-Za-z0-9]{20,} | \bhf_[A-Za-z0-9]{20,}
            | (?<=:\\*/\\*/)[^\s/@:]+:[^\s/@]+(?=@)
            | (?:authorization|cookie)\\*["']?\s*[:=]\s*(?:\\*"[^"]*"?|[^\r\n"]+)
            | (?:passw(?:or)?d|passphrase|secret|token|api[_\-]?key|access[_\-]?key|private[_\-]?key|credentials?)
              \\*["']?\s*[:=]\s*(?:\\*"[^"]*"?|'[^']*'?|[^\s"',;&}\]]+)
            """,
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace
    )]
    private static partial Regex Shape();
}
