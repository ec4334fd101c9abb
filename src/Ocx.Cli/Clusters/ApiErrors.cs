using System.Text.Json;
using k8s;
using k8s.Autorest;
using k8s.Exceptions;
using Ocx.Text;

namespace Ocx.Cli.Clusters;

/// <summary>What an API server refuses, in one line. A proxy may answer in its place, and with anything.</summary>
internal static class ApiErrors
{
    private const int LongestBody = 64 << 10;

    /// <summary>
    /// One line about what an API server refused or why it could not be asked; null for what is no such failure.
    /// </summary>
    public static string? Explain(Exception failure) =>
        failure switch
        {
            HttpOperationException refused => Refusal(
                (int)refused.Response.StatusCode,
                refused.Response.ReasonPhrase,
                refused.Response.Content
            ),
            HttpRequestException { StatusCode: not null } refused => refused.Message,
            HttpRequestException away =>
                $"the API server cannot be reached: {away.InnerException?.Message ?? away.Message}",
            System.Net.WebSockets.WebSocketException refused =>
                $"the API server refused the connection: {refused.Message}",
            TaskCanceledException { InnerException: TimeoutException } => "the API server did not answer in time",
            KubernetesException or KubernetesClientException => failure.Message,
            JsonException => $"the API server's answer cannot be read: {failure.Message}",
            _ => null,
        };

    /// <summary>The failure that an answer is, whose body is read up to a bound.</summary>
    public static async Task<HttpRequestException> ReadAsync(
        HttpResponseMessage response,
        CancellationToken cancellation
    )
    {
        byte[] body = new byte[LongestBody];
        using Stream stream = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        int length = await stream
            .ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, cancellation)
            .ConfigureAwait(false);
        string said = Refusal(
            (int)response.StatusCode,
            response.ReasonPhrase,
            System.Text.Encoding.UTF8.GetString(body.AsSpan(0, length))
        );
        return new HttpRequestException(said, null, response.StatusCode);
    }

    private static string Refusal(int status, string? reason, string? body) =>
        $"the API server answered {status} {reason}: {Message(body ?? string.Empty)}";

    // The message of a Status object; what else there is stands as it came.
    private static string Message(string body)
    {
        try
        {
            return WireObject.Parse(System.Text.Encoding.UTF8.GetBytes(body)).Text("message") is { Length: > 0 } message
                ? message
                : body;
        }
        catch (FormatException)
        {
            return body;
        }
    }
}
