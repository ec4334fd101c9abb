using System.Net;
using k8s;
using k8s.Autorest;
using Ocx.Kube;
using Ocx.Operator.Options;
using Ocx.Operator.Resources;
using Ocx.Operator.Telemetry;

namespace Ocx.Operator.Runtime;

/// <summary>
/// The auditor's Service, as it was last seen. The operator may get it and no other, so it is asked for again and
/// again; it rarely changes.
/// </summary>
internal sealed class AuditorEndpoint(
    Kubernetes kubernetes,
    OperatorOptions options,
    TimeProvider time,
    ILogger<AuditorEndpoint> logger
) : BackgroundService, IInformer
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(10);

    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile AuditorService? _current;

    /// <summary>It came, changed or went.</summary>
    public event Action? Changed;

    /// <summary>Ends when it is known whether there is one.</summary>
    public Task Synced => _synced.Task;

    /// <summary>The Service; null when there is none with an address.</summary>
    public AuditorService? Current => _current;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        string? told = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var seen = await ReadAsync(stoppingToken);
                told = null;
                var isNews = seen != _current;
                _current = seen;
                _synced.TrySetResult();
                if (isNews)
                {
                    Changed?.Invoke();
                }
            }
            catch (Exception exception)
                when (exception is not OutOfMemoryException && !stoppingToken.IsCancellationRequested)
            {
                if (told != exception.Shown())
                {
                    told = exception.Shown();
                    logger.AuditorServiceNotRead(told);
                }
            }

            await Task.Delay(s_interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<AuditorService?> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var service = await kubernetes.CoreV1.ReadNamespacedServiceAsync(
                AuditorNames.Auditor,
                options.Namespace,
                cancellationToken: cancellationToken
            );
            return IPAddress.TryParse(service.Spec?.ClusterIP, out var address)
                ? new(address.ToString(), service.Metadata.Uid)
                : null;
        }
        catch (HttpOperationException exception) when (exception.Response.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }
}

/// <summary>The auditor's Service.</summary>
/// <param name="Address">Its cluster IP.</param>
/// <param name="Uid">Another one when a Service of the same name is made again.</param>
internal sealed record AuditorService(string Address, string Uid)
{
    /// <summary>Where agents and gates come to.</summary>
    public string Url =>
        $"https://{(Address.Contains(':', StringComparison.Ordinal) ? $"[{Address}]" : Address)}:{AuditorNames.Port}";
}
