using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Ocx.Kube;
using Ocx.Operator.Options;
using Ocx.Operator.Resources;
using Ocx.Operator.Runtime;
using Ocx.Operator.Telemetry;

namespace Ocx.Operator.Certificates;

/// <summary>
/// Keeps the auditor's certificates while this replica leads. The operator may get these objects and list none, so it
/// looks at them again and again.
/// </summary>
internal sealed class CertificateKeeper(
    Kubernetes kubernetes,
    ResourceClient<V1Secret> secrets,
    ResourceClient<V1ConfigMap> configMaps,
    AuditorEndpoint auditor,
    Leadership leadership,
    OperatorOptions options,
    TimeProvider time,
    ILogger<CertificateKeeper> logger
) : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.WhenAll(leadership.Acquired, auditor.Synced).WaitAsync(stoppingToken);
        string? told = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (auditor.Current is { } service)
                {
                    await KeepAsync(service, stoppingToken);
                }

                told = null;
            }
            catch (Exception exception)
                when (exception is not OutOfMemoryException && !stoppingToken.IsCancellationRequested)
            {
                // The same is not told again and again.
                if (told != exception.Shown())
                {
                    told = exception.Shown();
                    logger.CertificatesNotKept(told);
                }
            }

            await Task.Delay(s_interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task KeepAsync(AuditorService service, CancellationToken cancellationToken)
    {
        var authority = await FindAsync(() => ReadSecretAsync(AuditorNames.Authority, cancellationToken));
        var server = await FindAsync(() => ReadSecretAsync(AuditorNames.Server, cancellationToken));
        var trusted = await FindAsync(() =>
            kubernetes.CoreV1.ReadNamespacedConfigMapAsync(
                AuditorNames.Authority,
                options.Namespace,
                cancellationToken: cancellationToken
            )
        );
        var names = new ServerNames(AuditorNames.Auditor, options.Namespace, service.Address);
        var wanted = AuditorCertificates.Decide(authority?.Data, server?.Data, names, time.GetUtcNow());

        // In this order: what is shown is signed by what is kept, and trusted before it is shown.
        await ApplyAsync(authority, AuditorNames.Authority, "Opaque", wanted.Authority, service, cancellationToken);
        if (trusted?.Data?.TryGetValue(AuditorNames.AuthorityKey, out var text) != true || text != wanted.Trusted)
        {
            await configMaps.ApplyAsync(
                new V1ConfigMap
                {
                    ApiVersion = "v1",
                    Kind = "ConfigMap",
                    Metadata = Metadata(trusted, AuditorNames.Authority, service),
                    Data = new Dictionary<string, string> { [AuditorNames.AuthorityKey] = wanted.Trusted },
                },
                cancellationToken
            );
        }

        await ApplyAsync(server, AuditorNames.Server, "kubernetes.io/tls", wanted.Server, service, cancellationToken);
        foreach (var made in wanted.Made)
        {
            logger.CertificatesMade(made);
        }
    }

    private async Task ApplyAsync(
        V1Secret? present,
        string name,
        string type,
        Dictionary<string, byte[]> wanted,
        AuditorService service,
        CancellationToken cancellationToken
    )
    {
        if (
            present?.Data is { } data
            && wanted.All(entry =>
                data.TryGetValue(entry.Key, out var value) && value.AsSpan().SequenceEqual(entry.Value)
            )
        )
        {
            return;
        }

        await secrets.ApplyAsync(
            new V1Secret
            {
                ApiVersion = "v1",
                Kind = "Secret",
                Metadata = Metadata(present, name, service),
                Type = type,
                Data = wanted,
            },
            cancellationToken
        );
    }

    // On top of the version that it was decided from alone; and it goes with the Service.
    private V1ObjectMeta Metadata(IKubernetesObject<V1ObjectMeta>? present, string name, AuditorService service) =>
        new()
        {
            Name = name,
            NamespaceProperty = options.Namespace,
            ResourceVersion = present?.ResourceVersion(),
            Labels = new Dictionary<string, string> { ["app.kubernetes.io/managed-by"] = "ocx-operator" },
            OwnerReferences =
            [
                new V1OwnerReference
                {
                    ApiVersion = "v1",
                    Kind = "Service",
                    Name = AuditorNames.Auditor,
                    Uid = service.Uid,
                },
            ],
        };

    private Task<V1Secret> ReadSecretAsync(string name, CancellationToken cancellationToken) =>
        kubernetes.CoreV1.ReadNamespacedSecretAsync(name, options.Namespace, cancellationToken: cancellationToken);

    private static async Task<T?> FindAsync<T>(Func<Task<T>> read)
        where T : class
    {
        try
        {
            return await read();
        }
        catch (HttpOperationException exception) when (exception.Response.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }
}
