namespace Ocx.Api;

/// <summary>The names that every part of the product shares.</summary>
public static class OcxApi
{
    /// <summary>The API group.</summary>
    public const string Group = "ocx.dev";

    /// <summary>The API version.</summary>
    public const string Version = "v1alpha1";

    /// <summary>The group and version, as an object's <c>apiVersion</c> has them.</summary>
    public const string GroupVersion = Group + "/" + Version;

    /// <summary>The label that names the McpTap on everything that belongs to it.</summary>
    public const string TapLabel = Group + "/tap";

    /// <summary>The longest name of an McpTap: names of other objects are built from it.</summary>
    public const int MaximumTapName = 40;
}
