using Ocx.Audit.Intents;

namespace Ocx.Audit.Classes;

/// <summary>
/// Says of a call whether what it does can be taken back. The first rule that matches the tool says it; without one it
/// is unknown, which is irreversible. What the server says of its own tool is a hint that a hostile or careless server
/// gives as well (MCP's specification: never rely on it): it only makes a call irreversible, also against a rule.
/// </summary>
/// <param name="rules">The audit's rules; the first that matches wins.</param>
/// <param name="trustAnnotations">
/// The audit trusts the servers' hints. Then a tool without a rule is reversible that says it only reads, or that it
/// destroys nothing and does not reach beyond the server's own data. A rule is never made milder.
/// </param>
public sealed class Classifier(IReadOnlyList<ClassRule> rules, bool trustAnnotations = false)
{
    /// <summary>The audit's rules.</summary>
    public IReadOnlyList<ClassRule> Rules => rules;

    /// <summary>Are the servers' hints trusted?</summary>
    public bool TrustsAnnotations => trustAnnotations;

    /// <summary>The class of a call of this tool.</summary>
    public CallClass Of(ReadOnlySpan<char> tool, ToolHints hints)
    {
        if (hints.Destructive == true)
        {
            return CallClass.Irreversible;
        }

        foreach (ClassRule rule in rules)
        {
            if (rule.Tools.IsMatch(tool))
            {
                return rule.Class;
            }
        }

        return trustAnnotations && SaysReversible(hints) ? CallClass.Reversible : CallClass.Irreversible;
    }

    // What is only added can be removed again, unless it went out into the world: a mail that is sent destroys nothing.
    private static bool SaysReversible(ToolHints hints) =>
        hints.ReadOnly == true || hints is { Destructive: false, OpenWorld: false };
}
