namespace Ocx.Audit.Rehearsals;

/// <summary>The bounds of evidence. A sandbox can do as much as it likes; what is told of it is bounded.</summary>
public static class EffectsLimits
{
    /// <summary>Sources of state.</summary>
    public const int Sources = 8;

    /// <summary>Changes that are told of one source.</summary>
    public const int Changes = 64;

    /// <summary>Values that are told of one row or key.</summary>
    public const int Fields = 64;

    /// <summary>Characters of a value.</summary>
    public const int Value = 256;

    /// <summary>Characters of a table's, column's or key's name, of a path and of an address.</summary>
    public const int Name = 256;

    /// <summary>Paths of one list: created, changed or deleted files, or programs.</summary>
    public const int Paths = 64;

    /// <summary>Connections.</summary>
    public const int Connections = 64;

    /// <summary>Bytes of a result.</summary>
    public const int Result = 256 * 1024;

    /// <summary>Characters of a failure's name.</summary>
    public const int Failure = 64;
}
