namespace Ocx.Audit.Expressions;

/// <summary>The types of CEL that calls need; bytes, unsigned integers and messages are left out.</summary>
internal enum CelType : byte
{
    /// <summary>Known only when the expression is evaluated. No value has this type.</summary>
    Dyn,

    /// <summary>What an evaluation that failed gives instead of a value. No expression has this type.</summary>
    Error,
    Null,
    Bool,
    Int,
    Double,
    String,
    Timestamp,
    Duration,
    List,
    Map,
}

internal static class CelTypes
{
    /// <summary>The type as CEL names it.</summary>
    public static string Name(this CelType type) =>
        type switch
        {
            CelType.Null => "null",
            CelType.Bool => "bool",
            CelType.Int => "int",
            CelType.Double => "double",
            CelType.String => "string",
            CelType.Timestamp => "timestamp",
            CelType.Duration => "duration",
            CelType.List => "list",
            CelType.Map => "map",
            _ => "dyn",
        };

    public static bool IsNumber(this CelType type) => type is CelType.Int or CelType.Double;

    /// <summary>May a value of this type be where that one is wanted?</summary>
    public static bool Fits(this CelType type, CelType wanted) =>
        type == wanted || type == CelType.Dyn || wanted == CelType.Dyn;
}
