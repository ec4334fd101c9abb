namespace Ocx.Auditor.Options;

/// <summary>What the auditor has to know in a cluster.</summary>
internal sealed record ClusterOptions
{
    /// <summary>The port of gRPC over TLS, for agents.</summary>
    public required int GrpcPort { get; init; }

    /// <summary>The folder of its certificate, <c>tls.crt</c> and <c>tls.key</c>.</summary>
    public required string Tls { get; init; }

    /// <summary>The agents' account, in whose namespace is the auditor's own.</summary>
    public required ServiceAccount Agents { get; init; }

    /// <summary>The gates' account; null where none is let in.</summary>
    public ServiceAccount? Gates { get; init; }

    /// <summary>Pods with the readiness gate <c>ocx.dev/gated</c> are told whether they are gated.</summary>
    public bool SetsGatedCondition { get; init; }

    /// <summary>How long a stream lasts at most, until its token is asked for again.</summary>
    public TimeSpan LongestStream { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The auditor's own account, as <c>kubectl create rolebinding --serviceaccount</c> takes it.</summary>
    public string Account => $"{Agents.Namespace}:ocx-tap-auditor";
}

/// <summary>A ServiceAccount.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
internal sealed record ServiceAccount(string Namespace, string Name)
{
    /// <summary>The user that its tokens are of.</summary>
    public string User => $"system:serviceaccount:{Namespace}:{Name}";
}
