using System.Net;
using System.Text.Json;
using k8s;
using k8s.Models;

namespace Ocx.Operator.Runtime;

/// <summary>The API server refused a request.</summary>
public sealed class ApiException : Exception
{
    /// <summary>From an answer.</summary>
    /// <param name="statusCode">Its code.</param>
    /// <param name="body">Its text: a Status object as a rule.</param>
    public ApiException(HttpStatusCode statusCode, string body)
        : base(Explain(statusCode, body)) => StatusCode = statusCode;

    /// <summary>From a watch.</summary>
    /// <param name="status">The event's object.</param>
    public ApiException(V1Status status)
        : base(status?.Message) => StatusCode = (HttpStatusCode)(status?.Code ?? 500);

    /// <summary>The code. 410 says that a resource version is too old to watch from.</summary>
    public HttpStatusCode StatusCode { get; }

    private static string Explain(HttpStatusCode statusCode, string body)
    {
        try
        {
            return KubernetesJson.Deserialize<V1Status>(body).Message ?? $"The API server answered {(int)statusCode}.";
        }
        catch (JsonException)
        {
            return $"The API server answered {(int)statusCode}.";
        }
    }
}
