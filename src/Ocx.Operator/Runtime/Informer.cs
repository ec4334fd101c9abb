using System.Collections.Concurrent;
using System.Net;
using k8s;
using k8s.Models;

namespace Ocx.Operator.Runtime;

/// <summary>
/// Keeps every object of one kind in memory, as the API server last told it: a list, then a watch from there on, and the
/// list again when the watch cannot go on (410 Gone).
/// </summary>
/// <typeparam name="T">The kind.</typeparam>
internal sealed class Informer<T>(ResourceClient<T> client, string labelSelector, OperatorMetrics metrics, ILogger<Informer<T>> logger)
    : BackgroundService, IInformer
    where T : IKubernetesObject<V1ObjectMeta>
{
    private readonly ConcurrentDictionary<string, T> _objects = new();
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ExponentialBackoff _backoff = new(TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(15));
    private string? _resourceVersion;

    /// <summary>An object was added, changed or deleted.</summary>
    public event Action<T>? Changed;

    /// <summary>Ends when the first list is complete.</summary>
    public Task Synced => _synced.Task;

    /// <summary>All objects, as last seen; not to be changed.</summary>
    public ICollection<T> All => _objects.Values;

    /// <summary>How many there are.</summary>
    public int Count => _objects.Count;

    /// <summary>An object by name.</summary>
    public T? Find(string name) => _objects.GetValueOrDefault(name);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var failures = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (_resourceVersion is null)
                {
                    await ListAsync(stoppingToken);
                    _synced.TrySetResult();
                }

                await foreach (var change in client.WatchAsync(labelSelector, _resourceVersion!, stoppingToken))
                {
                    failures = 0;
                    Handle(change);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (ApiException exception) when (exception.StatusCode == HttpStatusCode.Gone)
            {
                logger.WatchExpired(typeof(T).Name);
                _resourceVersion = null;
            }
            catch (Exception exception) when (exception is ApiException or HttpRequestException or IOException or OperationCanceledException)
            {
                var delay = _backoff.Delay(failures++);
                logger.WatchFailed(typeof(T).Name, delay, exception.Message);
                await Task.Delay(delay, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            metrics.WatchRestarts.WithLabels(typeof(T).Name).Inc();
        }
    }

    // Deletions that were missed are told only once all pages are here: a page that is still to come may hold the object.
    private async Task ListAsync(CancellationToken cancellationToken)
    {
        var listed = new HashSet<string>();
        string? continueToken = null;
        ResourceList<T> page;
        do
        {
            page = await client.ListAsync(labelSelector, continueToken, cancellationToken);
            foreach (var item in page.Items ?? [])
            {
                listed.Add(item.Name());
                Store(item);
            }

            continueToken = page.Metadata.ContinueProperty;
        }
        while (!string.IsNullOrEmpty(continueToken));

        foreach (var name in _objects.Keys.Where(name => !listed.Contains(name)))
        {
            Remove(name);
        }

        _resourceVersion = page.Metadata.ResourceVersion;
    }

    private void Handle(WatchEvent<T> change)
    {
        _resourceVersion = change.Object.ResourceVersion();
        switch (change.Type)
        {
            case "ADDED" or "MODIFIED":
                Store(change.Object);
                break;
            case "DELETED":
                Remove(change.Object.Name());
                break;
        }
    }

    private void Store(T item)
    {
        // Nothing here reads who owns which field, and for thousands of objects it is most of their size.
        item.Metadata.ManagedFields = null;
        var known = _objects.TryGetValue(item.Name(), out var previous) && previous.ResourceVersion() == item.ResourceVersion();
        _objects[item.Name()] = item;
        if (!known)
        {
            Changed?.Invoke(item);
        }
    }

    private void Remove(string name)
    {
        if (_objects.TryRemove(name, out var gone))
        {
            Changed?.Invoke(gone);
        }
    }
}

/// <summary>What controllers wait for before they start.</summary>
internal interface IInformer
{
    /// <summary>Ends when the first list is complete.</summary>
    Task Synced { get; }
}
