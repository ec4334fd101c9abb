namespace Ocx.Audit.Ledger;

/// <summary>How long what a ledger holds may be. Others chose most of its texts.</summary>
public static class LedgerLimits
{
    /// <summary>Bytes of the longest line, its line break not counted. Readers take no longer one.</summary>
    public const int Line = 256 * 1024;

    /// <summary>Characters of a call's key. It is kept whole: a longer one is refused.</summary>
    public const int Key = 64;

    /// <summary>Characters of a chain's name.</summary>
    public const int Chain = 64;

    /// <summary>Characters of the arguments' JSON text; of longer ones the beginning is kept.</summary>
    public const int Arguments = 8192;

    /// <summary>Characters of a reason.</summary>
    public const int Reason = 512;

    /// <summary>Characters of each other text.</summary>
    public const int Name = 256;

    /// <summary>Votes of a verdict; those beyond are counted.</summary>
    public const int Votes = 32;

    /// <summary>The largest number: canonical JSON keeps no larger one exactly.</summary>
    internal const long Number = (1L << 53) - 1;

    /// <summary>Can a call have this key?</summary>
    public static bool IsKey(string key) => IsName(key, Key);

    /// <summary>Can a chain have this name?</summary>
    public static bool IsChain(string chain) => IsName(chain, Chain);

    private static bool IsName(string text, int longest) =>
        text is { Length: > 0 } && text.Length <= longest && !text.AsSpan().ContainsAnyExceptInRange('!', '~');
}
