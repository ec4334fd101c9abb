using System.Net;
using System.Text;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Ocx.Auditor.Jurors;
using Ocx.Kube;

namespace Ocx.Auditor.Cluster;

/// <summary>
/// What the jurors of one audit need of their namespace: Secrets and ConfigMaps, read with <c>get</c> by the auditor's
/// own account, which has no right to them by default. They are read in the background, so no call waits for them.
/// </summary>
/// <param name="kubernetes">The API server.</param>
/// <param name="namespaceName">The audit's namespace.</param>
/// <param name="wanted">What the jurors need.</param>
/// <param name="account">The auditor's account, <c>ocx-system:ocx-tap-auditor</c>, as commands name it.</param>
internal sealed class ClusterSecrets(
    Kubernetes kubernetes,
    string namespaceName,
    IReadOnlyList<JurorSecret> wanted,
    string account
) : IJurorSecrets
{
    // Of a token, a key or a prompt.
    private const int LongestValue = 64 << 10;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private volatile IReadOnlyDictionary<(string Kind, string Name), Answer> _answers =
        new Dictionary<(string, string), Answer>();

    /// <inheritdoc/>
    public bool AreThereFromTheStart => false;

    /// <summary>Whether there is anything to read.</summary>
    public bool IsEmpty => wanted.Count == 0;

    /// <summary>What is missing, and what to do; empty when all is there.</summary>
    public IReadOnlyList<string> Problems =>
        [
            .. wanted
                .Select(secret => Find(secret, out string problem) is null ? problem : null)
                .OfType<string>()
                .Distinct(),
        ];

    /// <inheritdoc/>
    public string Read(JurorSecret secret) => Find(secret, out string problem) ?? throw new ArgumentException(problem);

    /// <summary>
    /// Reads all again. What cannot be read because the API server does not answer stays as it was read last.
    /// </summary>
    public async Task RefreshAsync(CancellationToken cancellation)
    {
        (string Kind, string Name)[] objects = [.. wanted.Select(secret => (secret.Kind, secret.Name)).Distinct()];
        Answer[] answers = await Task.WhenAll(objects.Select(one => GetAsync(one.Kind, one.Name, cancellation)));
        _answers = objects
            .Zip(answers)
            .ToDictionary(
                pair => pair.First,
                pair =>
                    pair.Second.IsTransient && _answers.TryGetValue(pair.First, out Answer? last) ? last : pair.Second
            );
    }

    private string? Find(JurorSecret secret, out string problem)
    {
        problem = string.Empty;
        if (!_answers.TryGetValue((secret.Kind, secret.Name), out Answer? answer))
        {
            problem = $"the {secret.Kind} {secret.Name} is not read yet";
            return null;
        }

        if (answer.Data is null)
        {
            problem = answer.Problem!;
            return null;
        }

        if (!answer.Data.TryGetValue(secret.Key, out string? value))
        {
            problem = $"the {secret.Kind} {secret.Name} has no key {secret.Key}";
            return null;
        }

        if (value.Length > LongestValue)
        {
            problem = $"{secret} has more than {LongestValue} bytes";
            return null;
        }

        return value;
    }

    private async Task<Answer> GetAsync(string kind, string name, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(s_patience);
        try
        {
            IEnumerable<KeyValuePair<string, string>> data =
                kind == JurorSecret.Secret
                    ? Decoded(
                        await kubernetes.CoreV1.ReadNamespacedSecretAsync(name, namespaceName, null, patience.Token)
                    )
                    : (
                        await kubernetes.CoreV1.ReadNamespacedConfigMapAsync(name, namespaceName, null, patience.Token)
                    ).Data
                        ?? new Dictionary<string, string>();
            return new Answer(
                data.Where(pair => wanted.Contains(new JurorSecret(kind, name, pair.Key))).ToDictionary(),
                null
            );
        }
        catch (HttpOperationException refused)
        {
            return refused.Response.StatusCode switch
            {
                HttpStatusCode.NotFound => new(null, $"there is no {kind} {name} in {namespaceName}"),
                HttpStatusCode.Forbidden => new(null, Forbidden(kind, name)),
                var code => new(null, $"the {kind} {name} cannot be read: {(int)code}") { IsTransient = true },
            };
        }
        catch (Exception away) when (!cancellation.IsCancellationRequested)
        {
            return new(null, $"the {kind} {name} cannot be read: {away.Shown()}") { IsTransient = true };
        }
    }

    private static IEnumerable<KeyValuePair<string, string>> Decoded(V1Secret secret) =>
        (secret.Data ?? new Dictionary<string, byte[]>()).Select(pair =>
            KeyValuePair.Create(pair.Key, Encoding.UTF8.GetString(pair.Value))
        );

    // The names are safe in a shell: the API server holds those of the spec to a pattern.
    private string Forbidden(string kind, string name)
    {
        string plural = kind == JurorSecret.Secret ? "secrets" : "configmaps",
            role = $"ocx-audit-{(kind == JurorSecret.Secret ? "secret" : "configmap")}-{name}";
        return $"the auditor may not read the {kind} {name}; who may give rights in {namespaceName} runs: "
            + $"kubectl create role {role} --namespace={namespaceName} --verb=get --resource={plural} "
            + $"--resource-name={name} && kubectl create rolebinding {role} --namespace={namespaceName} "
            + $"--role={role} --serviceaccount={account}";
    }

    private sealed record Answer(IReadOnlyDictionary<string, string>? Data, string? Problem)
    {
        public bool IsTransient { get; init; }
    }
}
