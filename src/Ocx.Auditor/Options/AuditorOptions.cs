namespace Ocx.Auditor.Options;

/// <summary>What the auditor's command line says.</summary>
internal sealed record AuditorOptions
{
    /// <summary>The file with the audits.</summary>
    public required string Audits { get; init; }

    /// <summary>The Unix socket that agents and <c>ocx audit</c> speak to.</summary>
    public string Socket { get; init; } = "/run/ocx/auditor.sock";

    /// <summary>The ledger's file.</summary>
    public string Ledger { get; init; } = "/var/lib/ocx/ledger.db";

    /// <summary>The folder of the jurors' secrets; null for none.</summary>
    public string? Secrets { get; init; }

    /// <summary>The port of <c>/healthz</c>, <c>/readyz</c> and <c>/metrics</c>; 0 for none.</summary>
    public int HttpPort { get; init; }

    /// <summary>The address of the same.</summary>
    public System.Net.IPAddress HttpAddress { get; init; } = System.Net.IPAddress.Loopback;
}
