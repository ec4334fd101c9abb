namespace Ocx.Audit.Intents;

/// <summary>Whether what a call does can be taken back. What is unknown is irreversible.</summary>
public enum CallClass
{
    /// <summary>It cannot, or nobody knows: the call itself would wait for its verdict.</summary>
    Irreversible,

    /// <summary>It can: the call runs at once, and only its result would wait.</summary>
    Reversible,
}
