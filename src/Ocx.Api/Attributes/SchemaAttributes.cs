namespace Ocx.Api.Attributes;

/// <summary>The text that <c>kubectl explain</c> shows for a field or a kind.</summary>
/// <param name="text">One or two sentences.</param>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Class)]
public sealed class DescriptionAttribute(string text) : Attribute
{
    /// <summary>The text.</summary>
    public string Text { get; } = text;
}

/// <summary>The API server refuses an object without this field.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RequiredAttribute : Attribute;

/// <summary>A regular expression (RE2) that the field must match.</summary>
/// <param name="expression">The expression, anchored at both ends.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PatternAttribute(string expression) : Attribute
{
    /// <summary>The expression.</summary>
    public string Expression { get; } = expression;
}

/// <summary>The least value of a number, or of each number in a list.</summary>
/// <param name="minimum">The bound, which is itself allowed.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RangeMinimumAttribute(long minimum) : Attribute
{
    /// <summary>The bound.</summary>
    public long Minimum { get; } = minimum;
}

/// <summary>The greatest value of a number, or of each number in a list.</summary>
/// <param name="maximum">The bound, which is itself allowed.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RangeMaximumAttribute(long maximum) : Attribute
{
    /// <summary>The bound.</summary>
    public long Maximum { get; } = maximum;
}

/// <summary>The bounds of a string's length in characters.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class LengthAttribute : Attribute
{
    /// <summary>The least length; 0 leaves it open.</summary>
    public int Minimum { get; init; }

    /// <summary>The greatest length.</summary>
    public required int Maximum { get; init; }
}

/// <summary>The greatest number of elements in a list, or of entries in a map.</summary>
/// <param name="maximum">The bound.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class MaxItemsAttribute(int maximum) : Attribute
{
    /// <summary>The bound.</summary>
    public int Maximum { get; } = maximum;
}

/// <summary>The only values that a string may take.</summary>
/// <param name="values">The values, in the order in which a refusal lists them.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class AllowedValuesAttribute(params string[] values) : Attribute
{
    /// <summary>The values.</summary>
    public IReadOnlyList<string> Values { get; } = values;
}

/// <summary>How server-side apply merges a list: as a set, or as a map by the given keys.</summary>
/// <param name="type"><c>set</c>, <c>map</c> or <c>atomic</c>.</param>
/// <param name="keys">The key fields of a map.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ListTypeAttribute(string type, params string[] keys) : Attribute
{
    /// <summary>The merge type.</summary>
    public string Type { get; } = type;

    /// <summary>The key fields.</summary>
    public IReadOnlyList<string> Keys { get; } = keys;
}
