using System.Net;
using System.Text.Json;
using k8s;
using k8s.Models;
using Ocx.Text;

namespace Ocx.Kube;

/// <summary>The API server refused a request. Its message is fit to be shown: escaped and cut.</summary>
public sealed class ApiException : Exception
{
    /// <summary>From an answer.</summary>
    /// <param name="statusCode">Its code.</param>
    /// <param name="body">Its text: a Status object as a rule.</param>
    public ApiException(HttpStatusCode statusCode, string body)
        : base(Explain(statusCode, MessageOf(body))) => StatusCode = statusCode;

    /// <summary>From a watch.</summary>
    /// <param name="status">The event's object.</param>
    public ApiException(V1Status? status)
        : base(Explain(CodeOf(status), status?.Message)) => StatusCode = CodeOf(status);

    /// <summary>The code. 410 says that a resource version is too old to watch from.</summary>
    public HttpStatusCode StatusCode { get; }

    /// <summary>
    /// Whether the request itself is at fault: the same one is refused again until somebody changes something.
    /// </summary>
    public bool IsRefusal => (int)StatusCode is >= 400 and < 500 and not (401 or 408 or 409 or 410 or 429);

    private static HttpStatusCode CodeOf(V1Status? status) => (HttpStatusCode)(status?.Code ?? 500);

    private static string Explain(HttpStatusCode statusCode, string? message) =>
        message is { Length: > 0 }
            ? WireText.Escape(message, ExceptionText.Longest)
            : $"The API server answered {(int)statusCode}.";

    private static string? MessageOf(string body)
    {
        try
        {
            return KubernetesJson.Deserialize<V1Status>(body)?.Message;
        }
        catch (Exception exception) when (exception is JsonException or FormatException)
        {
            return null;
        }
    }
}
