using System.Text.Json;

namespace Ocx.Kernel.Tests.Live;

/// <summary>A call as a tap tells it, or as the programs at its two ends wrote it down.</summary>
/// <param name="Port">The server's port.</param>
/// <param name="ClientPort">The port that the request came from; 0 for a request of the server.</param>
/// <param name="Session">Its session, or an empty text.</param>
/// <param name="Client">The name that the client gave, or an empty text.</param>
/// <param name="Method">The method, with an arrow before it when the server asked.</param>
/// <param name="Name">The tool, prompt or resource, or an empty text.</param>
/// <param name="Outcome">How it went.</param>
/// <param name="RequestBytes">The length of the request's message.</param>
/// <param name="ResponseBytes">The length of the answer's message; 0 when there is none.</param>
/// <param name="Progress">How often it was told how far it is.</param>
internal sealed record LiveCall(
    int Port,
    int ClientPort,
    string Session,
    string Client,
    string Method,
    string Name,
    string Outcome,
    long RequestBytes,
    long ResponseBytes,
    long Progress
)
{
    /// <summary>A call that no message answered.</summary>
    public const string Unpaired = "unpaired";

    /// <summary>A call that its client took back.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>True for a request of the server that nothing answered.</summary>
    public static bool IsUnansweredOfServer(LiveCall call) => call is { ClientPort: 0, Outcome: Unpaired };

    /// <summary>A refusal by the HTTP status.</summary>
    public static string HttpError(int status) => $"http_error({status})";

    /// <summary>An answer that is an error.</summary>
    public static string RpcError(int code) => $"rpc_error({code})";

    /// <summary>The method of a request that a server sends to its client.</summary>
    public static string OfServer(string method) => $"← {method}";

    /// <summary>One line of <c>--events calls</c>.</summary>
    public static LiveCall Told(JsonElement record)
    {
        JsonElement client = record.GetProperty("client");
        bool fromServer = record.TryGetProperty("fromServer", out JsonElement asked) && asked.GetBoolean();
        string status = record.GetProperty("status").GetString()!;
        string completeness = record.GetProperty("completeness").GetString()!;
        string outcome = status switch
        {
            "rpc_error" => RpcError(record.GetProperty("errorCode").GetInt32()),
            "http_error" => HttpError(record.GetProperty("httpStatus").GetInt32()),
            _ => status,
        };
        string method = record.GetProperty("method").GetString()!;
        return new LiveCall(
            record.GetProperty("server").GetProperty("port").GetInt32(),
            fromServer ? 0 : client.GetProperty("port").GetInt32(),
            Text(record, "session"),
            Text(client, "name"),
            fromServer ? OfServer(method) : method,
            Text(record, "name"),
            completeness == "complete" ? outcome : $"{outcome} {completeness}",
            record.GetProperty("requestBytes").GetInt64(),
            status is "http_error" or Unpaired or Cancelled ? 0 : record.GetProperty("responseBytes").GetInt64(),
            record.TryGetProperty("progress", out JsonElement progress) ? progress.GetInt64() : 0
        );
    }

    private static string Text(JsonElement of, string member) =>
        of.TryGetProperty(member, out JsonElement value) ? value.GetString()! : string.Empty;
}
