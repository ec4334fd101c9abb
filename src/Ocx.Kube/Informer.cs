using System.Collections.Concurrent;
using System.Net;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Ocx.Kube;

/// <summary>
/// Keeps every object of one kind in memory, as the API server last told it: a list, then a watch from there on, and
/// the list again when the watch cannot go on (410 Gone). Nothing that the server sends ends it: an object that cannot
/// be read is counted, and skipped if nothing of it can be; a watch that ends too soon is started again after a pause.
/// </summary>
/// <typeparam name="T">The kind.</typeparam>
/// <param name="client">The API server.</param>
/// <param name="labelSelector">Selects the objects; all of them when empty.</param>
/// <param name="metrics">Counts restarts, and objects that cannot be read.</param>
/// <param name="time">Tells when objects come in.</param>
/// <param name="logger">The log.</param>
public sealed class Informer<T>(
    ResourceClient<T> client,
    string labelSelector,
    InformerMetrics metrics,
    TimeProvider time,
    ILogger<Informer<T>> logger
) : BackgroundService, IInformer
    where T : IKubernetesObject<V1ObjectMeta>
{
    // API servers end a watch after some minutes. One that ends sooner than this is a failure, and the pause grows with
    // each in a row.
    private static readonly TimeSpan s_healthy = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, Known<T>> _objects = new();
    private readonly ConcurrentDictionary<string, string> _unreadable = new();
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ExponentialBackoff _backoff = new(TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(15));
    private readonly TokenBucket _logged = new(10, TimeSpan.FromMinutes(1), time);
    private string? _resourceVersion;
    private long? _watching;

    /// <summary>An object was added, changed or deleted.</summary>
    public event Action<T>? Changed;

    /// <summary>Drops from an object what nobody here reads, so that it is not kept; null drops nothing.</summary>
    public Action<T>? Trim { get; init; }

    /// <summary>Ends when the first list is complete.</summary>
    public Task Synced => _synced.Task;

    /// <summary>All objects, as last seen; not to be changed.</summary>
    public IEnumerable<T> All => _objects.Values.Select(known => known.Entity);

    /// <summary>The same, with the times at which they came in.</summary>
    public ICollection<Known<T>> AllKnown => _objects.Values;

    /// <summary>How many there are.</summary>
    public int Count => _objects.Count;

    /// <summary>An object by its key, as it could last be read.</summary>
    /// <param name="key">Its name; of a kind that all namespaces have, <c>NAMESPACE/NAME</c>.</param>
    public T? Find(string key) => _objects.TryGetValue(key, out var known) ? known.Entity : default;

    /// <summary>Whether the API server has an object of this key, be it one that cannot be read.</summary>
    public bool Exists(string key) => _objects.ContainsKey(key) || _unreadable.ContainsKey(key);

    /// <summary>What <see cref="Find"/> knows an object by.</summary>
    public string KeyOf(T item) => Key(item.Namespace(), item.Name());

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var failures = 0; !stoppingToken.IsCancellationRequested; )
        {
            string? failure = null;
            _watching = null;
            try
            {
                await ListAndWatchAsync(stoppingToken);
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
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                // What a line that cannot be read told is not known: a list tells it.
                _resourceVersion = exception is InvalidDataException ? null : _resourceVersion;
                failure = exception.Shown();
            }

            metrics.WatchRestarts.WithLabels(typeof(T).Name).Inc();
            var healthy = _watching is { } began && time.GetElapsedTime(began) >= s_healthy;
            failures = healthy ? 0 : failures;
            if (healthy && failure is null)
            {
                continue;
            }

            var delay = _backoff.Delay(failures++);
            if (failure is not null)
            {
                logger.WatchFailed(typeof(T).Name, delay, failure);
            }

            await Task.Delay(delay, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ListAndWatchAsync(CancellationToken cancellationToken)
    {
        if (_resourceVersion is null)
        {
            await ListAsync(cancellationToken);
            _synced.TrySetResult();
        }

        _watching = time.GetTimestamp();
        await foreach (var change in client.WatchAsync(labelSelector, _resourceVersion!, cancellationToken))
        {
            _resourceVersion = change.ResourceVersion ?? _resourceVersion;
            Handle(change);
        }
    }

    // Deletions that were missed are told only once all pages are here: a page that is still to come may hold the
    // object.
    private async Task ListAsync(CancellationToken cancellationToken)
    {
        var listed = new HashSet<string>();
        string? continueToken = null;
        ResourceList page;
        do
        {
            page = await client.ListAsync(labelSelector, continueToken, cancellationToken);
            foreach (var item in page.Items ?? [])
            {
                var read = ReadObject<T>.From("ADDED", item);
                listed.Add(KeyOf(read));
                Handle(read);
            }

            continueToken = page.Metadata?.ContinueProperty;
        } while (!string.IsNullOrEmpty(continueToken));

        foreach (var key in _objects.Keys.Concat(_unreadable.Keys).Where(key => !listed.Contains(key)).ToList())
        {
            Remove(key);
        }

        _resourceVersion =
            page.Metadata?.ResourceVersion ?? throw new InvalidDataException("A list has no resource version.");
    }

    private void Handle(ReadObject<T> read)
    {
        if (read.Change == "DELETED")
        {
            Remove(KeyOf(read));
        }
        else
        {
            if (read.Problem is { } problem)
            {
                Note(read, problem);
            }

            if (read.Entity is { } entity)
            {
                if (read.Problem is null)
                {
                    _unreadable.TryRemove(KeyOf(entity), out _);
                }

                Store(entity);
            }
        }
    }

    // What could last be read of it stays, or as much of it as can be read: an object that cannot be read is not one
    // that is gone.
    private void Note(ReadObject<T> read, string problem)
    {
        metrics.UnreadableObjects.WithLabels(typeof(T).Name).Inc();
        var isNews = read.Name is null || !_unreadable.TryGetValue(KeyOf(read), out var known) || known != problem;
        if (read.Name is not null)
        {
            _unreadable[KeyOf(read)] = problem;
        }

        if (isNews && _logged.TryTake())
        {
            logger.ObjectUnreadable(typeof(T).Name, read.Shown, problem);
        }
    }

    private void Store(T item)
    {
        // Nothing here reads who owns which field, and for thousands of objects it is most of their size.
        item.Metadata.ManagedFields = null;
        Trim?.Invoke(item);
        var key = KeyOf(item);
        var known =
            _objects.TryGetValue(key, out var previous) && previous.Entity.ResourceVersion() == item.ResourceVersion();
        _objects[key] = new(item, known ? previous.ReceivedAt : time.GetUtcNow().UtcDateTime);
        if (!known)
        {
            Tell(item);
        }
    }

    private void Remove(string key)
    {
        _unreadable.TryRemove(key, out _);
        if (_objects.TryRemove(key, out var gone))
        {
            Tell(gone.Entity);
        }
    }

    private string KeyOf(ReadObject<T> read) => Key(read.Namespace, read.Name ?? string.Empty);

    private string Key(string? namespaceName, string name) =>
        client.Namespace is null && !string.IsNullOrEmpty(namespaceName) ? $"{namespaceName}/{name}" : name;

    private void Tell(T item)
    {
        try
        {
            Changed?.Invoke(item);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // An object that is not as the definition asks, such as one from before the definition did.
            metrics.UnreadableObjects.WithLabels(typeof(T).Name).Inc();
            if (_logged.TryTake())
            {
                logger.ObjectUnreadable(typeof(T).Name, KeyOf(item), exception.Shown());
            }
        }
    }
}

/// <summary>An object as it was last seen.</summary>
/// <typeparam name="T">The kind.</typeparam>
/// <param name="Entity">The object; not to be changed.</param>
/// <param name="ReceivedAt">When this version of it came in, in UTC by this machine's clock.</param>
public readonly record struct Known<T>(T Entity, DateTime ReceivedAt);

/// <summary>What controllers wait for before they start.</summary>
public interface IInformer
{
    /// <summary>Ends when the first list is complete.</summary>
    Task Synced { get; }
}
