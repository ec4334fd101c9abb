using System.Net;
using System.Net.Http.Headers;
using Ocx.Audit.Intents;
using Ocx.Audit.Jury;
using Ocx.Audit.Rehearsals;

namespace Ocx.Auditor.Jurors;

/// <summary>
/// A juror that asks over HTTPS, in the manner of Kubernetes' admission webhooks: the question is posted as JSON, and
/// the answer is a vote. A question that got no answer is asked again: a review changes nothing, and its uid tells that
/// it is the same.
/// </summary>
public sealed class WebhookJuror : IJuror, IDisposable
{
    private static readonly MediaTypeHeaderValue s_json = new("application/json");

    private readonly JurorEndpoint _endpoint;
    private readonly int _retries;
    private readonly HttpClient _http;

    /// <summary>Creates a juror.</summary>
    /// <param name="name">Its name in the audit.</param>
    /// <param name="endpoint">Whom it asks.</param>
    /// <param name="retries">How often a question that got no answer is asked again, within the time limit.</param>
    /// <exception cref="ArgumentException">The address is none that may be used.</exception>
    public WebhookJuror(string name, JurorEndpoint endpoint, int retries = 1)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        (Name, _endpoint, _retries, _http) = (name, endpoint, retries, endpoint.Open(CallReview.LongestAnswer));
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public bool WantsEvidence => true;

    /// <inheritdoc/>
    /// <exception cref="JurorException">It could not be asked, or what it answered is no vote on this call.</exception>
    public ValueTask<Vote> JudgeAsync(Intent intent, CancellationToken cancellation) =>
        AskAsync(intent, null, cancellation);

    /// <inheritdoc/>
    /// <exception cref="JurorException">It could not be asked, or what it answered is no vote on this call.</exception>
    public ValueTask<Vote> JudgeAsync(Intent intent, RehearsalEvidence evidence, CancellationToken cancellation) =>
        AskAsync(intent, evidence, cancellation);

    private async ValueTask<Vote> AskAsync(Intent intent, RehearsalEvidence? evidence, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(intent);
        try
        {
            using HttpResponseMessage response = await AskAsync(CallReview.Question(intent, evidence), cancellation);
            return response.StatusCode == HttpStatusCode.OK
                ? CallReview.Answer(await response.Content.ReadAsByteArrayAsync(cancellation), intent.Key)
                : throw new JurorException($"the webhook answered {(int)response.StatusCode}");
        }
        catch (HttpRequestException wrong)
        {
            throw new JurorException($"the webhook could not be asked: {wrong.GetBaseException().Message}", wrong);
        }
        catch (FormatException wrong)
        {
            throw new JurorException($"the webhook's answer is no vote: {wrong.Message}", wrong);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> AskAsync(ReadOnlyMemory<byte> question, CancellationToken cancellation)
    {
        for (int left = _retries; ; left--)
        {
            try
            {
                return await PostAsync(question, cancellation);
            }
            catch (HttpRequestException) when (left > 0)
            {
                // The connection broke, or there was none.
            }
        }
    }

    private async Task<HttpResponseMessage> PostAsync(ReadOnlyMemory<byte> question, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _endpoint.Address);
        request.Content = new ReadOnlyMemoryContent(question);
        request.Content.Headers.ContentType = s_json;
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (_endpoint.Token() is { } token)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
    }
}
