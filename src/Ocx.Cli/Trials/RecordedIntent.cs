using System.Text;
using System.Text.Json;
using Ocx.Audit.Intents;
using Ocx.Mcp.Records;

namespace Ocx.Cli.Trials;

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
                Via = call.NamedClient is null ? string.Empty : call.Client.ToString(),
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
                call.Annotations.Hint(ToolAnnotations.HasReadOnly),
                call.Annotations.Hint(ToolAnnotations.HasDestructive),
                call.Annotations.Hint(ToolAnnotations.HasIdempotent),
                call.Annotations.Hint(ToolAnnotations.HasOpenWorld)
            ),
        };
    }
}
