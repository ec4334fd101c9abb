namespace Ocx.Api.Attributes;

/// <summary>Where the objects of a kind live.</summary>
public enum EntityScope
{
    /// <summary>In a namespace.</summary>
    Namespaced,

    /// <summary>In the cluster as a whole.</summary>
    Cluster,
}

/// <summary>The scope of a kind.</summary>
/// <param name="scope">The scope.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class EntityScopeAttribute(EntityScope scope) : Attribute
{
    /// <summary>The scope.</summary>
    public EntityScope Scope { get; } = scope;
}

/// <summary>The names under which <c>kubectl get</c> finds a kind, beside its plural.</summary>
/// <param name="shortName">An abbreviation.</param>
/// <param name="category">A group of kinds that is listed together.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class KubectlNamesAttribute(string shortName, string category) : Attribute
{
    /// <summary>The abbreviation.</summary>
    public string ShortName { get; } = shortName;

    /// <summary>The category.</summary>
    public string Category { get; } = category;
}

/// <summary>Restricts <c>metadata.name</c> to one DNS label, so that names can be built from it with a dot.</summary>
/// <param name="maximumLength">The greatest length.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class DnsLabelNameAttribute(int maximumLength) : Attribute
{
    /// <summary>The greatest length.</summary>
    public int MaximumLength { get; } = maximumLength;
}

/// <summary>
/// The kind has a status subresource: its status is written apart from its spec, with rights of its own.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class StatusSubresourceAttribute : Attribute;

/// <summary>A column of <c>kubectl get</c>.</summary>
/// <param name="jsonPath">The field that it shows.</param>
/// <param name="name">Its heading.</param>
/// <param name="type">The OpenAPI type of the field.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class GenericAdditionalPrinterColumnAttribute(string jsonPath, string name, string type) : Attribute
{
    /// <summary>The field.</summary>
    public string JsonPath { get; } = jsonPath;

    /// <summary>The heading.</summary>
    public string Name { get; } = name;

    /// <summary>The type.</summary>
    public string Type { get; } = type;

    /// <summary>Columns above 0 are shown by <c>-o wide</c> alone.</summary>
    public int Priority { get; init; }

    /// <summary>Columns are ordered by this number.</summary>
    public required int Order { get; init; }
}
