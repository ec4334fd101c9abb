using Ocx.Api;
using Ocx.Audit.Rehearsals;
using Ocx.Text;

namespace Ocx.Auditor.Rehearsing;

/// <summary>How an audit's calls are rehearsed, as its spec has it.</summary>
internal sealed record RehearsalTerms
{
    /// <summary>The audit's namespace and name; the namespace is empty without a cluster.</summary>
    public required (string Namespace, string Name) Audit { get; init; }

    /// <summary>The program of the shadow and its arguments.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>Its environment, without the addresses of clones.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>The TCP port on which it listens.</summary>
    public required int Port { get; init; }

    /// <summary>The path of its URL at which it speaks MCP.</summary>
    public required string Path { get; init; }

    /// <summary>How many wait ready.</summary>
    public required int Warm { get; init; }

    /// <summary>How long a rehearsal may take.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>Bytes of memory that a shadow may use.</summary>
    public required long Memory { get; init; }

    /// <summary>The state that is cloned for it.</summary>
    public required IReadOnlyList<StateSource> State { get; init; }

    /// <summary>Those of a spec without problems.</summary>
    public static RehearsalTerms Of(V1Alpha1McpAudit audit)
    {
        ArgumentNullException.ThrowIfNull(audit);
        V1Alpha1Rehearsal spec = audit.Spec.Rehearsal!;
        _ = AuditTime.TryParse(spec.Timeout, out TimeSpan timeout);
        _ = ByteSize.TryParse(spec.Memory, out long memory);
        return new RehearsalTerms
        {
            Audit = (audit.Metadata.NamespaceProperty ?? string.Empty, audit.Metadata.Name),
            Command = [.. spec.Command!],
            Environment = new Dictionary<string, string>(
                spec.Environment ?? new Dictionary<string, string>(),
                StringComparer.Ordinal
            ),
            Port = spec.Port ?? audit.Spec.Server!.Port,
            Path = spec.Path,
            Warm = spec.Warm,
            Timeout = timeout,
            Memory = memory,
            State =
            [
                .. (spec.State ?? []).Select(one => new StateSource(
                    one.Name,
                    one.Kind == RehearsalStateKind.Redis ? StateKind.Redis : StateKind.PostgreSql,
                    one.ConnectionSecret!.Name!,
                    one.ConnectionSecret.Key!,
                    one.Variable!,
                    one.Database,
                    one.Role
                )),
            ],
        };
    }
}

/// <summary>A database that is cloned for shadows.</summary>
/// <param name="Name">Its name in the audit.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Secret">The Secret, or the folder of files, with the connection string to the source.</param>
/// <param name="SecretKey">The key, or file, in it.</param>
/// <param name="Variable">The shadow's environment variable that gets the clone's address.</param>
/// <param name="Database">The database that the address names; null for the connection string's own.</param>
/// <param name="Role">The role, or user, that the shadow works as; null where the audit names none.</param>
internal sealed record StateSource(
    string Name,
    StateKind Kind,
    string Secret,
    string SecretKey,
    string Variable,
    string? Database,
    string? Role
);
