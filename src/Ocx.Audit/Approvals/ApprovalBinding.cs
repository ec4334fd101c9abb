using System.Security.Cryptography;
using Ocx.Audit.Intents;
using Ocx.Audit.Ledger;
using Ocx.Text;

namespace Ocx.Audit.Approvals;

/// <summary>
/// What a person's word holds for, and nothing else. Nothing of it can be had by claiming it: of the caller it has what
/// the network and the cluster say of him, not the name that he gives himself.
/// </summary>
public sealed record ApprovalBinding
{
    /// <summary>The audit that had the call held, and its generation.</summary>
    public required AuditReference Audit { get; init; }

    /// <summary>
    /// The digest of the audit's spec: outside of a cluster nobody counts generations, and a changed audit asks anew.
    /// </summary>
    public required string Policy { get; init; }

    /// <summary>
    /// Who called: the workload or pod, <c>namespace/deployment/name</c>; where neither is known the address without
    /// its port, which each connection has anew. Behind a proxy that tells of its client both stand there.
    /// </summary>
    public required string Caller { get; init; }

    /// <summary>Who was called: the workload or pod, else address and port.</summary>
    public required string Server { get; init; }

    /// <summary>The JSON-RPC method.</summary>
    public required string Method { get; init; }

    /// <summary>The tool.</summary>
    public required string Tool { get; init; }

    /// <summary>The digest of all arguments as they were sent (<see cref="Intent.ArgumentsDigest"/>).</summary>
    public required string ArgumentsDigest { get; init; }

    /// <summary>
    /// That of a call; null when not all of its arguments were seen: a word on those could be used for others.
    /// </summary>
    /// <param name="audit">The audit that had it held.</param>
    /// <param name="policy">The digest of its spec.</param>
    /// <param name="intent">What the call wants.</param>
    public static ApprovalBinding? Of(AuditReference audit, string policy, Intent intent)
    {
        ArgumentNullException.ThrowIfNull(intent);
        return intent.ArgumentsDigest.Length == 0
            ? null
            : new ApprovalBinding
            {
                Audit = audit,
                Policy = policy,
                Caller = CallerOf(intent.Client),
                Server = Known(intent.Server) ?? intent.Server.Address,
                Method = intent.Method,
                Tool = intent.Tool,
                ArgumentsDigest = intent.ArgumentsDigest,
            };
    }

    /// <summary>SHA-256 over all of it, in lower-case hexadecimal.</summary>
    public string Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData("ocx approval 1"u8);
        hash.Append(
            Audit.Generation,
            Audit.Namespace,
            Audit.Name,
            Policy,
            Caller,
            Server,
            Method,
            Tool,
            ArgumentsDigest
        );
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    // What a proxy says of its client anybody can say who reaches the server: it counts together with who says it.
    private static string CallerOf(Party party)
    {
        string caller = Known(party) ?? Host(party.Address);
        return party.Via.Length > 0 ? $"{caller} via {Host(party.Via)}" : caller;
    }

    private static string? Known(Party party) =>
        party.Workload.Length > 0 ? $"{party.Namespace}/{party.Workload}"
        : party.Pod.Length > 0 ? $"{party.Namespace}/pod/{party.Pod}"
        : null;

    // 10.0.0.1 of 10.0.0.1:8080, [fd00::1] of [fd00::1]:8080.
    private static string Host(string address) =>
        address.LastIndexOf(':') is > 0 and var colon ? address[..colon] : address;
}
