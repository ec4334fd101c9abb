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

    private readonly JurorEndpoint _endpoint;
    private readonly HttpClient _http;

    /// <summary>Creates a juror.</summary>
    /// <param name="name">Its name in the audit.</param>
    /// <param name="endpoint">Whom it asks.</param>
    /// <exception cref="ArgumentException">The address is none that may be used.</exception>
    public WebhookJuror(string name, JurorEndpoint endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        (Name, _endpoint, _http) = (name, endpoint, endpoint.Open(CallReview.LongestAnswer));
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    /// <exception cref="HttpRequestException">It could not be asked, or answered another status than 200, or too much.</exception>
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

            return CallReview.Answer(await response.Content.ReadAsByteArrayAsync(cancellation), intent.Key);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> AskAsync(ReadOnlyMemory<byte> question, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _endpoint.Address);
        request.Content = new ReadOnlyMemoryContent(question);
        request.Content.Headers.ContentType = s_json;
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (_endpoint.BearerToken is { } token)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token());
        }

        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
    }

    private static bool NeverArrived(HttpRequestException wrong) =>
        wrong.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError;
}
