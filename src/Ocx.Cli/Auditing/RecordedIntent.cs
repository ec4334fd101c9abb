using System.Text;
using System.Text.Json;
using Ocx.Audit.Intents;
using Ocx.Mcp.Records;

namespace Ocx.Cli.Auditing;

/// <summary>What a call of a capture wants.</summary>
internal static class RecordedIntent
{
    /// <summary>Reads it from a call that is opened.</summary>
    public static Intent Of(CallRecord call)
    {
        bool complete = !call.AuditedArgumentsCut && call.Completeness == CallCompleteness.Complete;
        return new Intent
        {
            Key = call.Key,
            Time = DateTimeOffset.UnixEpoch.AddTicks(call.StartUnixNs / 100),
            Method = call.Method,
            Tool = call.Name,
            Arguments = call.AuditedArgumentsCut
                ? Encoding.UTF8.GetBytes(
                    $"\"{JsonEncodedText.Encode(Encoding.UTF8.GetString(call.AuditedArguments))}\""
                )
                : call.AuditedArguments.ToArray(),
            ArgumentsComplete = complete,
            ArgumentsDigest = call.ArgumentsDigest,
            CredentialInArguments = call.CredentialInArguments,
            RequestBytes = call.RequestBytes,
            Client = new Party
            {
                Address = (call.NamedClient ?? call.Client).ToString(),
                Name = call.ClientInfo.Name,
                Version = call.ClientInfo.Version,
            },
            Server = new Party
            {
                Address = call.Server.ToString(),
                Name = call.ServerInfo.Name,
                Version = call.ServerInfo.Version,
            },
            Session = call.Session,
            ProtocolVersion = call.ProtocolVersion,
            Hints = new ToolHints(
                Hint(call, ToolAnnotations.HasReadOnly),
                Hint(call, ToolAnnotations.HasDestructive),
                Hint(call, ToolAnnotations.HasIdempotent),
                Hint(call, ToolAnnotations.HasOpenWorld)
            ),
        };
    }

    // The bit behind the one that says that there is a hint is the hint.
    private static bool? Hint(CallRecord call, ToolAnnotations has) =>
        call.Annotations.HasFlag(has) ? call.Annotations.HasFlag((ToolAnnotations)((int)has << 1)) : null;
}
