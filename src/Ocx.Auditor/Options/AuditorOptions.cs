namespace Ocx.Auditor.Options;

/// <summary>What the auditor's command line says.</summary>
internal sealed record AuditorOptions
{
    /// <summary>The file with the audits; null in a cluster.</summary>
    public string? Audits { get; init; }

    /// <summary>The cluster whose audits they are; null on one machine.</summary>
    public ClusterOptions? Cluster { get; init; }

    /// <summary>The Unix socket that agents and <c>ocx audit</c> speak to.</summary>
    public string Socket { get; init; } = "/run/ocx/auditor.sock";

    /// <summary>The ledger's file.</summary>
    public string Ledger { get; init; } = "/var/lib/ocx/ledger.db";

    /// <summary>The file that holds PostgreSQL's connection string; null for a ledger in a file.</summary>
    public string? LedgerPostgres { get; init; }

    /// <summary>Names this auditor among those that write one ledger.</summary>
    public string Replica { get; init; } = Environment.MachineName;

    /// <summary>The private key that signs; null for one beside the ledger's file.</summary>
    public string? LedgerKey { get; init; }

    /// <summary>The key that signed until now; null when it is the same.</summary>
    public string? LedgerPreviousKey { get; init; }

    /// <summary>The file with the keys of revert tokens; null for one beside the ledger.</summary>
    public string? RevertKeys { get; init; }

    /// <summary>The folder of the audits' secrets; null for none.</summary>
    public string? Secrets { get; init; }

    /// <summary>The folder for shadows of servers and clones of their state; null where no call is rehearsed.</summary>
    public string? Shadows { get; init; }

    /// <summary>The port of <c>/healthz</c>, <c>/readyz</c> and <c>/metrics</c>; 0 for none.</summary>
    public int HttpPort { get; init; }

    /// <summary>The address of the same.</summary>
    public System.Net.IPAddress HttpAddress { get; init; } = System.Net.IPAddress.Loopback;
}
