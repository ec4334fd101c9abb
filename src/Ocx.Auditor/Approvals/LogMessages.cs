namespace Ocx.Auditor.Approvals;

/// <summary>What the keeping of approvals logs.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(LogLevel.Warning, "The McpApproval {Name} is of no more use and cannot be deleted: {Message}")]
    public static partial void NotDeleted(this ILogger log, string name, string message);
}
