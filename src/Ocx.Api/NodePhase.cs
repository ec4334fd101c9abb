namespace Ocx.Api;

/// <summary>What an agent does on its node.</summary>
public static class NodePhase
{
    /// <summary>It attaches to the interface.</summary>
    public const string Starting = "Starting";

    /// <summary>It captures.</summary>
    public const string Running = "Running";

    /// <summary>It cannot capture; the message says why.</summary>
    public const string Failed = "Failed";

    /// <summary>It was asked to stop and wrote its last counts.</summary>
    public const string Stopped = "Stopped";

    /// <summary>It has not been heard of for three report intervals. Only the operator says so.</summary>
    public const string Unknown = "Unknown";
}
