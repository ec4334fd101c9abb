using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using Ocx.Audit.Intents;
using Ocx.Audit.Jury;

namespace Ocx.Auditor.Jurors;

/// <summary>
/// A juror that asks over HTTPS, in the manner of Kubernetes' admission webhooks: the question is posted as JSON, and
/// the answer is a vote. A question that never reached the webhook is asked once more; one whose answer was lost is
/// not, as the webhook may count questions.
/// </summary>
public sealed class WebhookJuror : IJuror, IDisposable
{
    private static readonly MediaTypeHeaderValue s_json = new("application/json");

    private readonly WebhookConnection _connection;
    private readonly HttpClient _http;

    /// <summary>Creates a juror.</summary>
    /// <param name="name">Its name in the audit.</param>
    /// <param name="connection">Whom it asks.</param>
    /// <exception cref="ArgumentException">The address is none that may be used.</exception>
    public WebhookJuror(string name, WebhookConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        (Name, _connection, _http) = (name, connection, connection.Open());
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    /// <exception cref="HttpRequestException">It could not be asked, or answered with another status than 200.</exception>
    /// <exception cref="FormatException">What it answered is no answer to the question.</exception>
    public async ValueTask<Vote> JudgeAsync(Intent intent, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(intent);
        ReadOnlyMemory<byte> question = CallReview.Question(intent);
        HttpResponseMessage response;
        try
        {
            response = await AskAsync(question, cancellation);
        }
        catch (HttpRequestException unreached) when (NeverArrived(unreached))
        {
            response = await AskAsync(question, cancellation);
        }

        using (response)
        {
            if (response.StatusCode != HttpStatusCode.OK)
            {
                throw new HttpRequestException(
                    $"the webhook answered {(int)response.StatusCode}",
                    null,
                    response.StatusCode
                );
            }

            return CallReview.Answer(await ReadAsync(response, cancellation), intent.Key);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> AskAsync(ReadOnlyMemory<byte> question, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _connection.Address);
        request.Content = new ReadOnlyMemoryContent(question);
        request.Content.Headers.ContentType = s_json;
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (_connection.BearerToken is { } token)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token());
        }

        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
    }

    private static bool NeverArrived(HttpRequestException wrong) =>
        wrong.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError;

    private static async Task<byte[]> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        await using Stream body = await response.Content.ReadAsStreamAsync(cancellation);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(CallReview.LongestAnswer + 1);
        try
        {
            int length = await body.ReadAtLeastAsync(
                buffer.AsMemory(0, CallReview.LongestAnswer + 1),
                CallReview.LongestAnswer + 1,
                throwOnEndOfStream: false,
                cancellation
            );
            return length <= CallReview.LongestAnswer
                ? buffer[..length]
                : throw new FormatException($"the webhook's answer is longer than {CallReview.LongestAnswer} bytes");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
