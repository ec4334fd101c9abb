using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Ocx.Text;

namespace Ocx.NodeAgent.Cluster;

/// <summary>The two requests that an agent makes for pods: list those of its node, and watch them.</summary>
/// <param name="http">Knows the API server's address and trusts its certificate.</param>
/// <param name="node">The node.</param>
/// <param name="token">The account's token; read for each request, as the kubelet renews it.</param>
internal sealed class PodClient(HttpClient http, string node, Func<string> token)
{
    private const int LongestReason = 1024;

    // The API server looks the field up in an index: it sends an agent the events of its own node and no others.
    private readonly string _pods = $"api/v1/pods?fieldSelector=spec.nodeName%3D{Uri.EscapeDataString(node)}";

    /// <summary>The node's pods, as the API server has them in its memory: no agent's start reaches etcd.</summary>
    public async Task<PodList> ListAsync(CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await SendAsync($"{_pods}&resourceVersion=0", cancellationToken)
            .ConfigureAwait(false);
        Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            return await JsonSerializer
                    .DeserializeAsync(stream, PodJson.Default.PodList, cancellationToken)
                    .ConfigureAwait(false)
                ?? throw new JsonException("The API server answered with null.");
        }
    }

    /// <summary>
    /// Begins to watch them from a version on, until the API server ends the watch after the given time.
    /// </summary>
    /// <exception cref="HttpRequestException">
    /// The watch was refused; with status 410 the version is too old.
    /// </exception>
    public Task<HttpResponseMessage> WatchAsync(
        string resourceVersion,
        TimeSpan duration,
        CancellationToken cancellationToken
    ) =>
        SendAsync(
            $"{_pods}&watch=true&allowWatchBookmarks=true&resourceVersion={resourceVersion}"
                + $"&timeoutSeconds={(int)duration.TotalSeconds}",
            cancellationToken
        );

    /// <summary>What a watch tells.</summary>
    /// <exception cref="HttpRequestException">The API server ended it with an error.</exception>
    public static async IAsyncEnumerable<PodChange> ReadAsync(
        HttpResponseMessage watch,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        Stream stream = await watch.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            await foreach (
                PodChange? change in JsonSerializer
                    .DeserializeAsyncEnumerable(
                        stream,
                        PodJson.Default.PodChange,
                        topLevelValues: true,
                        cancellationToken
                    )
                    .ConfigureAwait(false)
            )
            {
                if (change?.Type == "ERROR")
                {
                    ApiStatus status = change.Object.Deserialize(PodJson.Default.ApiStatus) ?? new ApiStatus();
                    throw new HttpRequestException(
                        WireText.Escape(status.Message, LongestReason),
                        null,
                        (HttpStatusCode)status.Code
                    );
                }
                if (change is not null)
                {
                    yield return change;
                }
            }
        }
    }

    // The client's own time limit ends with the headers.
    private async Task<HttpResponseMessage> SendAsync(string address, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, UriKind.Relative));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token());
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        HttpResponseMessage response = await http.SendAsync(
                request,
                HttpCompletionOption.ResponseHeadersRead,
                cancellationToken
            )
            .ConfigureAwait(false);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }
        using (response)
        {
            throw new HttpRequestException(
                $"The API server answered {(int)response.StatusCode} {response.ReasonPhrase}",
                null,
                response.StatusCode
            );
        }
    }
}
