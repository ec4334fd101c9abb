using System.Net;
using k8s;
using k8s.Models;
using Ocx.Kube;

namespace Ocx.Operator.Runtime;

/// <summary>
/// Applies the status of objects of one kind, of each at most once in five seconds. A status is applied only on top of
/// the version that it was made from, and the next one is made from the server's answer, however late the watch brings
/// it.
/// </summary>
/// <typeparam name="T">The kind.</typeparam>
/// <param name="client">The API server.</param>
/// <param name="time">The clock.</param>
internal sealed class StatusApplier<T>(ResourceClient<T> client, TimeProvider time)
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(5);

    // Another has written in between, or the watch has yet to bring what an earlier leader wrote.
    private static readonly TimeSpan s_conflict = TimeSpan.FromSeconds(1);

    // A definition that is stricter than the one that the object was made under refuses every write of it.
    private static readonly TimeSpan s_refused = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, Written> _written = [];

    /// <summary>The newest of what the watch brought and what the server answered.</summary>
    public T Newest(T entity)
    {
        if (!_written.TryGetValue(KeyOf(entity), out var written) || written.Answer is not { } answer)
        {
            return entity;
        }

        // Versions are opaque. A write takes the place of the very version that it was based on, so each of these is
        // older than the answer, and any other is the answer or newer.
        if (written.Superseded.Contains(entity.ResourceVersion()) && answer.Uid() == entity.Uid())
        {
            return answer;
        }

        written.Answer = null;
        written.Superseded.Clear();
        return entity;
    }

    /// <summary>Applies a status.</summary>
    /// <param name="basis">The object that the status was made from, as <see cref="Newest"/> gave it.</param>
    /// <param name="wanted">An object with nothing but the status; its metadata is filled in.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>What became of it.</returns>
    public async Task<AppliedStatus> ApplyAsync(T basis, T wanted, CancellationToken cancellationToken)
    {
        var key = KeyOf(basis);
        if (!_written.TryGetValue(key, out var written))
        {
            written = _written[key] = new Written();
        }

        if (written.At is { } at && time.GetElapsedTime(at) is var elapsed && elapsed < s_interval)
        {
            return new(s_interval - elapsed, null);
        }

        wanted.Metadata = new V1ObjectMeta
        {
            Name = basis.Name(),
            NamespaceProperty = basis.Namespace(),
            Uid = basis.Uid(),
            ResourceVersion = basis.ResourceVersion(),
        };
        T answer;
        try
        {
            answer = await client.ApplyStatusAsync(wanted, cancellationToken);
        }
        catch (ApiException exception) when (exception.StatusCode is HttpStatusCode.Conflict or HttpStatusCode.NotFound)
        {
            written.Answer = null;
            written.Superseded.Clear();
            return new(s_conflict, null);
        }
        catch (ApiException exception) when (exception.IsRefusal)
        {
            written.At = time.GetTimestamp();
            return new(s_refused, exception.Message);
        }

        answer.Metadata.ManagedFields = null;
        written.At = time.GetTimestamp();
        written.Answer = answer;
        written.Superseded.Add(basis.ResourceVersion());
        return default;
    }

    /// <summary>The object is gone.</summary>
    /// <param name="key">As its informer has it: its name, or its namespace, a slash and its name.</param>
    public void Forget(string key) => _written.Remove(key);

    private static string KeyOf(T entity) =>
        string.IsNullOrEmpty(entity.Namespace()) ? entity.Name() : $"{entity.Namespace()}/{entity.Name()}";

    private sealed class Written
    {
        /// <summary>When; null when it was not yet.</summary>
        public long? At { get; set; }

        /// <summary>The object with the status that was written last, until the watch has brought it.</summary>
        public T? Answer { get; set; }

        /// <summary>The versions that writes were based on since the watch was last in step.</summary>
        public HashSet<string> Superseded { get; } = [];
    }
}

/// <summary>What became of a status that was to be applied.</summary>
/// <param name="Again">Null when it is applied, else the time until it may be.</param>
/// <param name="Refusal">Why the API server refuses it; null when it does not.</param>
internal readonly record struct AppliedStatus(TimeSpan? Again, string? Refusal);
