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

    /// <summary>Whom the agents' tokens for the auditor are meant for.</summary>
    public const string AuditorAudience = "ocx-auditor";

    /// <summary>The longest name of an McpTap: names of other objects are built from it.</summary>
    public const int MaximumTapName = 40;

    /// <summary>What an McpTap's name looks like: one DNS label.</summary>
    public const string TapNamePattern = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";

    /// <summary>The longest name of a node, which Kubernetes sets.</summary>
    public const int MaximumNodeName = 253;

    /// <summary>What a node's name looks like: DNS labels with dots between them.</summary>
    public const string NodeNamePattern = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";

    /// <summary>The longest time, in characters: nanoseconds and an offset fit.</summary>
    public const int LongestTime = 40;
}
