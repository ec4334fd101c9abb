using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using k8s;
using k8s.Exceptions;
using k8s.Models;
using Ocx.Api;
using Ocx.Cli.Exits;

namespace Ocx.Cli.Clusters;

/// <summary>A cluster through its API server, with the rights of the user's own kubeconfig and no others.</summary>
internal sealed class Cluster : IDisposable
{
    private const string AgentSelector = "app.kubernetes.io/name=ocx-node-agent";

    private const int MostPodsLookedAt = 100;

    // Both kinds of pods carry it; whichever runs tells the namespace.
    private const string ReleaseSelector = "app.kubernetes.io/name in (ocx-node-agent,ocx-operator)";

    private Cluster(Kubernetes api) => Api = api;

    /// <summary>The API server.</summary>
    public Kubernetes Api { get; }

    /// <summary>Where the operator and its agents run.</summary>
    public string Namespace { get; set; } = ClusterOptions.DefaultNamespace;

    /// <summary>Reads a kubeconfig as kubectl does; inside a pod without one, the pod's account.</summary>
    /// <exception cref="CliException">There is none, or it cannot be used.</exception>
    public static Cluster Connect(string? kubeconfig, string? context)
    {
        try
        {
            KubernetesClientConfiguration configuration =
                kubeconfig is null && context is null
                    ? KubernetesClientConfiguration.BuildDefaultConfig()
                    : KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig, context);
            return new Cluster(new Kubernetes(configuration));
        }
        catch (Exception wrong)
            when (wrong
                    is KubeConfigException
                        or KubernetesClientException
                        or IOException
                        or UnauthorizedAccessException
                        or FormatException
                        or InvalidOperationException
                        or YamlDotNet.Core.YamlException
                        or System.Security.Cryptography.CryptographicException
            )
        {
            throw CliException.CannotStart($"no cluster: {wrong.Message}", wrong);
        }
    }

    /// <summary>
    /// The one namespace in which the operator's or agents' pods are; null when there is none, are several, or they
    /// cannot be looked for.
    /// </summary>
    public async Task<string?> FindOperatorAsync(CancellationToken cancellation)
    {
        try
        {
            V1PodList pods = await Api
                .CoreV1.ListPodForAllNamespacesAsync(
                    labelSelector: ReleaseSelector,
                    limit: MostPodsLookedAt,
                    cancellationToken: cancellation
                )
                .ConfigureAwait(false);
            string[] namespaces = [.. (pods?.Items ?? []).Select(pod => pod.Metadata.NamespaceProperty).Distinct()];
            return namespaces is [var only] ? only : null;
        }
        catch (Exception wrong) when (!cancellation.IsCancellationRequested && ApiErrors.Explain(wrong) is not null)
        {
            return null; // what is asked next fails alike, and says why
        }
    }

    /// <summary>The agents' pods: all, or those of a tap, of a node.</summary>
    public async Task<IList<V1Pod>> AgentsAsync(string? tap, string? node, CancellationToken cancellation)
    {
        string labels = tap is null ? AgentSelector : $"{AgentSelector},{OcxApi.TapLabel}={tap}";
        string? fields = node is null ? null : $"spec.nodeName={node}";
        V1PodList pods = await Api
            .CoreV1.ListNamespacedPodAsync(
                Namespace,
                labelSelector: labels,
                fieldSelector: fields,
                cancellationToken: cancellation
            )
            .ConfigureAwait(false);
        return pods?.Items ?? [];
    }

    /// <summary>All McpTaps, by name. One that cannot be read hides no other: it is told of.</summary>
    public async Task<IReadOnlyList<ListedTap>> TapsAsync(Action<string> tell, CancellationToken cancellation)
    {
        using HttpResponseMessage response = await GetAsync(
                $"apis/{OcxApi.GroupVersion}/{V1Alpha1McpTap.KubePluralName}",
                cancellation
            )
            .ConfigureAwait(false);
        McpTapList taps = await ReadAsync(response, ClusterJson.Default.McpTapList, cancellation).ConfigureAwait(false);
        return
        [
            .. (taps.Items ?? [])
                .Select(Read)
                .OfType<ListedTap>()
                .OrderBy(listed => listed.Tap.Metadata.Name, StringComparer.Ordinal),
        ];

        ListedTap? Read(JsonElement item)
        {
            try
            {
                V1Alpha1McpTap tap = McpTapJson.Read(item, json => json.Deserialize(ClusterJson.Default.V1Alpha1McpTap))
                    is { Metadata.Name: not null } named
                    ? named
                    : throw new JsonException("it has no name");
                if (tap.Problem is { } problem)
                {
                    tell($"the McpTap {tap.Metadata.Name} cannot be read as a whole: {problem}");
                }

                return new ListedTap(tap, item);
            }
            catch (JsonException wrong)
            {
                tell($"an McpTap cannot be read and is left out: {wrong.Message}");
                return null;
            }
        }
    }

    /// <summary>
    /// The kinds that the API server serves of the product's group; empty when the group is not there.
    /// </summary>
    public async Task<IReadOnlyList<string>> KindsAsync(CancellationToken cancellation)
    {
        try
        {
            using HttpResponseMessage response = await GetAsync($"apis/{OcxApi.GroupVersion}", cancellation)
                .ConfigureAwait(false);
            V1APIResourceList kinds = await ReadAsync(response, ClusterJson.Default.V1APIResourceList, cancellation)
                .ConfigureAwait(false);
            return [.. (kinds.Resources ?? []).Select(kind => kind.Name)];
        }
        catch (HttpRequestException missing) when (missing.StatusCode == HttpStatusCode.NotFound)
        {
            return [];
        }
    }

    /// <summary>
    /// A container's log: from the beginning, from a time on, or from now on; with follow, as it grows.
    /// </summary>
    public async Task<Stream> LogAsync(
        string pod,
        bool follow,
        DateTimeOffset? since,
        bool fromNow,
        CancellationToken cancellation
    )
    {
        // The client library knows sinceSeconds alone, by the clock of this machine and not of the node.
        string query = $"container={AgentContainer}&follow={(follow ? "true" : "false")}";
        query += since is { } time
            ? "&sinceTime="
                + Uri.EscapeDataString(time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture))
            : string.Empty;
        query += fromNow ? "&tailLines=0" : string.Empty;
        HttpResponseMessage response = await GetAsync(
                $"api/v1/namespaces/{Uri.EscapeDataString(Namespace)}/pods/{Uri.EscapeDataString(pod)}/log?{query}",
                cancellation
            )
            .ConfigureAwait(false);
        return await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>The agents' container.</summary>
    public const string AgentContainer = "agent";

    /// <summary>May the user do this in the operator's namespace?</summary>
    public async Task<bool> MayAsync(string verb, string resource, string? subresource, CancellationToken cancellation)
    {
        var review = new V1SelfSubjectAccessReview
        {
            ApiVersion = V1SelfSubjectAccessReview.KubeGroup + "/" + V1SelfSubjectAccessReview.KubeApiVersion,
            Kind = V1SelfSubjectAccessReview.KubeKind,
            Spec = new()
            {
                ResourceAttributes = new()
                {
                    NamespaceProperty = Namespace,
                    Verb = verb,
                    Resource = resource,
                    Subresource = subresource,
                },
            },
        };
        V1SelfSubjectAccessReview answer = await Api
            .AuthorizationV1.CreateSelfSubjectAccessReviewAsync(review, cancellationToken: cancellation)
            .ConfigureAwait(false);
        return answer.Status.Allowed;
    }

    /// <inheritdoc/>
    public void Dispose() => Api.Dispose();

    private async Task<HttpResponseMessage> GetAsync(string path, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Api.BaseUri, path));
        if (Api.Credentials is { } credentials)
        {
            await credentials.ProcessHttpRequestAsync(request, cancellation).ConfigureAwait(false);
        }

        HttpResponseMessage response = await Api
            .HttpClient.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation)
            .ConfigureAwait(false);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw await ApiErrors.ReadAsync(response, cancellation).ConfigureAwait(false);
        }
    }

    private static async Task<T> ReadAsync<T>(
        HttpResponseMessage response,
        JsonTypeInfo<T> type,
        CancellationToken cancellation
    )
    {
        using Stream body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        return await JsonSerializer.DeserializeAsync(body, type, cancellation).ConfigureAwait(false)
            ?? throw new HttpRequestException("the API server answered nothing");
    }
}
