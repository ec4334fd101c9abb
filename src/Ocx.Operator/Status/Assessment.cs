using k8s.Models;
using Ocx.Text;

namespace Ocx.Operator.Status;

/// <summary>What a condition says.</summary>
/// <param name="IsTrue">Its status.</param>
/// <param name="Reason">One word in upper camel case.</param>
/// <param name="Message">A sentence, or some; it may quote what others wrote.</param>
internal sealed record Assessment(bool IsTrue, string Reason, string Message)
{
    private const int LongestMessage = 1024;

    /// <summary>The condition, with the time of its last change.</summary>
    public V1Condition ToCondition(string type, IEnumerable<V1Condition> previous, long? generation, DateTime now)
    {
        var before = previous.FirstOrDefault(condition => condition.Type == type);
        var value = IsTrue ? "True" : "False";
        return new V1Condition
        {
            Type = type,
            Status = value,
            Reason = Reason,
            Message = WireText.Escape(Message, LongestMessage),
            ObservedGeneration = generation,
            LastTransitionTime = before?.Status == value ? before.LastTransitionTime : now,
        };
    }
}
