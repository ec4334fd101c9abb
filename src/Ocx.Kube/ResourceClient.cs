using System.Net;
using System.Net.Http.Headers;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using k8s;
using k8s.Models;
using Ocx.Text;

namespace Ocx.Kube;

/// <summary>
/// List, watch, server-side apply and delete for any kind, over KubernetesClient's connection and credentials.
/// KubernetesClient's own generic client has no resource versions, bookmarks or apply options.
/// </summary>
/// <typeparam name="T">A type with <see cref="KubernetesEntityAttribute"/>.</typeparam>
/// <param name="kubernetes">The connection.</param>
/// <param name="fieldManager">Who applies: <c>ocx-operator</c>, <c>ocx-auditor</c>.</param>
/// <param name="namespaceName">The namespace; null for a kind of the cluster, or for all namespaces.</param>
public sealed class ResourceClient<T>(Kubernetes kubernetes, string fieldManager, string? namespaceName = null)
    where T : IKubernetesObject<V1ObjectMeta>
{
    private static readonly KubernetesEntityAttribute s_entity =
        typeof(T).GetCustomAttribute<KubernetesEntityAttribute>()!;

    private readonly string _path = PathOf(namespaceName);

    // Where only metadata is read, only metadata is sent and kept.
    private readonly string _accept =
        typeof(T) == typeof(NodeMetadata)
            ? "application/json;as=PartialObjectMetadata{0};g=meta.k8s.io;v=v1,application/json"
            : "application/json";

    /// <summary>The namespace; null for a kind of the cluster, or for all namespaces.</summary>
    public string? Namespace => namespaceName;

    /// <summary>One page of a list.</summary>
    public async Task<ResourceList> ListAsync(
        string labelSelector,
        string? continueToken,
        CancellationToken cancellationToken
    )
    {
        var query =
            $"?limit=500{Selector(labelSelector)}"
            + (continueToken is null ? string.Empty : $"&continue={Uri.EscapeDataString(continueToken)}");
        return await SendAsync<ResourceList>(HttpMethod.Get, _path + query, null, "List", cancellationToken);
    }

    /// <summary>The changes after a resource version, until the server closes the stream.</summary>
    /// <exception cref="ApiException">
    /// The server refused or ended the watch, with 410 when the version is too old.
    /// </exception>
    /// <exception cref="InvalidDataException">The stream cannot be read.</exception>
    public async IAsyncEnumerable<ReadObject<T>> WatchAsync(
        string labelSelector,
        string resourceVersion,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        // The server closes the stream after this time; a stream that has gone dead is not waited for much longer.
        const int TimeoutSeconds = 290;
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(TimeSpan.FromSeconds(TimeoutSeconds + 30));

        var query =
            $"?watch=true&allowWatchBookmarks=true&timeoutSeconds={TimeoutSeconds}"
            + $"&resourceVersion={resourceVersion}{Selector(labelSelector)}";
        using var response = await RequestAsync(HttpMethod.Get, _path + query, null, string.Empty, timeout.Token);
        await using var stream = await response.Content.ReadAsStreamAsync(timeout.Token);
        await foreach (var change in WatchStream.ReadAsync<T>(stream, timeout.Token))
        {
            yield return change;
        }
    }

    /// <summary>Applies the fields that the field manager owns.</summary>
    public Task<T> ApplyAsync(T entity, CancellationToken cancellationToken) =>
        ApplyAsync(entity, string.Empty, cancellationToken);

    /// <summary>Applies the status.</summary>
    public Task<T> ApplyStatusAsync(T entity, CancellationToken cancellationToken) =>
        ApplyAsync(entity, "/status", cancellationToken);

    /// <summary>Deletes an object, if it is still the one that is meant.</summary>
    public Task DeleteAsync(T entity, CancellationToken cancellationToken) =>
        DeleteAsync(PathOf(entity.Namespace()), entity.Name(), entity.Uid(), cancellationToken);

    /// <summary>Deletes an object of the client's namespace, if it is still the one that is meant.</summary>
    public Task DeleteAsync(string name, string uid, CancellationToken cancellationToken) =>
        DeleteAsync(_path, name, uid, cancellationToken);

    private async Task DeleteAsync(string path, string name, string uid, CancellationToken cancellationToken)
    {
        try
        {
            var options = new V1DeleteOptions { Preconditions = new V1Preconditions { Uid = uid } };
            using var response = await RequestAsync(
                HttpMethod.Delete,
                $"{path}/{name}",
                options,
                string.Empty,
                cancellationToken
            );
        }
        catch (ApiException exception) when (exception.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Conflict)
        {
            // It is gone already, or another one has its name now.
        }
    }

    private async Task<T> ApplyAsync(T entity, string subresource, CancellationToken cancellationToken)
    {
        var collection = PathOf(entity.Namespace() ?? namespaceName);
        var path = $"{collection}/{entity.Name()}{subresource}?fieldManager={fieldManager}&force=true";
        var answer = await SendAsync<JsonElement>(HttpMethod.Patch, path, entity, string.Empty, cancellationToken);
        return ReadObject<T>.Read(answer) ?? throw new InvalidDataException($"{path} was answered with null.");
    }

    private static string PathOf(string? namespaceName) =>
        (string.IsNullOrEmpty(s_entity.Group) ? "api/" : $"apis/{s_entity.Group}/")
        + s_entity.ApiVersion
        + (string.IsNullOrEmpty(namespaceName) ? string.Empty : $"/namespaces/{namespaceName}")
        + $"/{s_entity.PluralName}";

    private static string Selector(string labels) =>
        labels.Length == 0 ? string.Empty : $"&labelSelector={Uri.EscapeDataString(labels)}";

    private async Task<TBody> SendAsync<TBody>(
        HttpMethod method,
        string path,
        object? body,
        string listSuffix,
        CancellationToken cancellationToken
    )
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(TimeSpan.FromSeconds(30));
        using var response = await RequestAsync(method, path, body, listSuffix, timeout.Token);
        using var buffer = new MemoryStream(await response.Content.ReadAsByteArrayAsync(timeout.Token));
        return KubernetesJson.Deserialize<TBody>(buffer)
            ?? throw new InvalidDataException($"{method} {path} was answered with null.");
    }

    private async Task<HttpResponseMessage> RequestAsync(
        HttpMethod method,
        string path,
        object? body,
        string listSuffix,
        CancellationToken cancellationToken
    )
    {
        using var request = new HttpRequestMessage(method, new Uri(kubernetes.BaseUri, path));
        request.Headers.TryAddWithoutValidation("Accept", _accept.Replace("{0}", listSuffix, StringComparison.Ordinal));
        if (body is not null)
        {
            request.Content = new ByteArrayContent(YamlJson.Of(Encoding.UTF8.GetBytes(KubernetesJson.Serialize(body))));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(
                method == HttpMethod.Patch ? "application/apply-patch+yaml" : "application/json"
            );
        }

        if (kubernetes.Credentials is not null)
        {
            await kubernetes.Credentials.ProcessHttpRequestAsync(request, cancellationToken);
        }

        var response = await kubernetes.HttpClient.SendAsync(
            request,
            HttpCompletionOption.ResponseHeadersRead,
            cancellationToken
        );
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw new ApiException(response.StatusCode, await StartOfAsync(response.Content, cancellationToken));
        }
    }

    // A refusal may quote a whole object; its start says enough.
    private static async Task<string> StartOfAsync(HttpContent content, CancellationToken cancellationToken)
    {
        var start = new byte[64 << 10];
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        var length = await stream.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellationToken);
        return Encoding.UTF8.GetString(start, 0, length);
    }
}
