using Ocx.Api;

namespace Ocx.Auditor.Audits;

/// <summary>The pods that an audit selects: of its own namespace, by their labels.</summary>
/// <param name="namespaceName">The audit's namespace.</param>
/// <param name="selector">Its selector; one that is empty selects nothing, as it would audit a whole namespace.</param>
public sealed class PodScope(string namespaceName, V1Alpha1PodSelector selector)
{
    private readonly KeyValuePair<string, string>[] _labels = [.. selector.MatchLabels ?? EmptyLabels];
    private readonly V1Alpha1LabelRule[] _rules = [.. selector.MatchExpressions ?? []];

    private static Dictionary<string, string> EmptyLabels => [];

    /// <summary>Is this pod one of them?</summary>
    public bool Selects(ServerPod pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        return pod.Namespace == namespaceName
            && (_labels.Length > 0 || _rules.Length > 0)
            && _labels.All(label => pod.Labels.TryGetValue(label.Key, out string? value) && value == label.Value)
            && _rules.All(rule => Holds(rule, pod.Labels));
    }

    // As Kubernetes has it: a label that is not there is not in any values.
    private static bool Holds(V1Alpha1LabelRule rule, IReadOnlyDictionary<string, string> labels)
    {
        bool has = labels.TryGetValue(rule.Key, out string? value);
        return rule.Operator switch
        {
            LabelOperator.In => has && rule.Values?.Contains(value!) == true,
            LabelOperator.NotIn => !has || rule.Values?.Contains(value!) != true,
            LabelOperator.Exists => has,
            LabelOperator.DoesNotExist => !has,
            _ => false,
        };
    }
}
