namespace Ocx.Sandbox.Sandboxes;

/// <summary>How sandboxes are made on this machine.</summary>
public sealed record SandboxOptions
{
    /// <summary>gVisor's program: a path, or a name that is looked for in PATH.</summary>
    public string Runsc { get; init; } = "runsc";

    /// <summary>How gVisor gets at system calls: <c>systrap</c>, <c>kvm</c> or <c>ptrace</c>.</summary>
    public string Platform { get; init; } = "systrap";

    /// <summary>A folder for what sandboxes are started from. Several auditors may share it.</summary>
    public string StateFolder { get; init; } = "/run/ocx-sandbox";

    /// <summary>Folders and files of the auditor's own that no sandbox may have, such as its ledger.</summary>
    public IReadOnlyList<string> Hidden { get; init; } = [];
}
