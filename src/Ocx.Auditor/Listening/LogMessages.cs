namespace Ocx.Auditor.Listening;

/// <summary>What listening logs.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(LogLevel.Information, "The certificate in {Folder} has changed and is used")]
    public static partial void CertificateChanged(this ILogger log, string folder);

    [LoggerMessage(
        LogLevel.Error,
        "The certificate in {Folder} has changed and cannot be used; the one before it stays: {Reason}"
    )]
    public static partial void CertificateUnusable(this ILogger log, string folder, string reason);
}
