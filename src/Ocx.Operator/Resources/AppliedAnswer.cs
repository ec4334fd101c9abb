using k8s;
using k8s.Models;

namespace Ocx.Operator.Resources;

/// <summary>
/// What the API server made of a wish. It may write in another way what is wanted, such as 1Gi for 1024Mi. What it made
/// of the same wish, and nobody changed since, is as good as the wish.
/// </summary>
internal readonly record struct AppliedAnswer
{
    private AppliedAnswer(string hash, string uid, long? generation) =>
        (Hash, Uid, Generation) = (hash, uid, generation);

    private string? Hash { get; }

    private string? Uid { get; }

    private long? Generation { get; }

    /// <summary>Remembers an answer.</summary>
    /// <param name="wanted">What was applied, stamped by <see cref="Drift"/>.</param>
    /// <param name="answer">What the API server made of it.</param>
    public static AppliedAnswer Of<T>(T wanted, T answer)
        where T : IKubernetesObject<V1ObjectMeta> =>
        new(Drift.HashOf(wanted), answer.Uid(), answer.Metadata.Generation);

    /// <summary>Whether an object is still this answer to the same wish.</summary>
    public bool IsStill<T>(T? actual, T wanted)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        actual is not null && this == Of(wanted, actual) && !Drift.MetadataDiffers(actual, wanted);
}
