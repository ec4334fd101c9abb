using Ocx.Audit.Intents;
using Ocx.Audit.Ledger;

namespace Ocx.Audit.Tokens;

/// <summary>
/// What a revert token holds for, and nothing else: change one of them, and the token is another call's.
/// </summary>
public sealed record RevertBinding
{
    /// <summary>The call (<see cref="Intent.Key"/>).</summary>
    public required string Call { get; init; }

    /// <summary>Who called: the workload, <c>namespace/deployment/name</c>, or the address.</summary>
    public required string Caller { get; init; }

    /// <summary>Who was called, likewise.</summary>
    public required string Server { get; init; }

    /// <summary>The JSON-RPC method.</summary>
    public required string Method { get; init; }

    /// <summary>The tool.</summary>
    public required string Tool { get; init; }

    /// <summary>
    /// The digest of the arguments (<see cref="Intent.ArgumentsDigest"/>); empty where not all of them were seen: then
    /// the token still names the one call, whatever its arguments were.
    /// </summary>
    public required string ArgumentsDigest { get; init; }

    /// <summary>The audit, <c>namespace/name</c>.</summary>
    public required string Audit { get; init; }

    /// <summary>The audit's generation when it judged the call.</summary>
    public required long Generation { get; init; }

    /// <summary>That of a call as its record has it: it can be told again as long as the record is there.</summary>
    public static RevertBinding Of(LedgerRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        Intent intent = record.Entry.Intent;
        return new RevertBinding
        {
            Call = intent.Key,
            Caller = Identity(intent.Client),
            Server = Identity(intent.Server),
            Method = intent.Method,
            Tool = intent.Tool,
            ArgumentsDigest = intent.ArgumentsDigest,
            Audit = $"{record.Entry.Audit.Namespace}/{record.Entry.Audit.Name}",
            Generation = record.Entry.Audit.Generation,
        };
    }

    private static string Identity(Party party) =>
        party.Workload.Length > 0 ? $"{party.Namespace}/{party.Workload}" : party.Address;
}
