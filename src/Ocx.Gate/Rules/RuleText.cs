using System.Globalization;
using System.Text;
using Ocx.Netfilter;

namespace Ocx.Gate.Rules;

/// <summary>
/// What iptables-restore is told. Each text is one transaction: a packet meets the old rules or the new ones.
/// </summary>
/// <remarks>
/// The rules are in the table mangle. On the way out it comes before the address translation of the namespace (nat), so
/// a packet still has the port of the server's own socket; where a sidecar redirects connections, the table filter
/// would see the port that the client knows. On the way in both tables see the server's own port.
/// </remarks>
internal static class RuleText
{
    /// <summary>The table.</summary>
    public const string Table = "mangle";

    /// <summary>The chain for what goes to the server.</summary>
    public const string InputChain = "OCX-GATE-IN";

    /// <summary>The chain for what comes from the server.</summary>
    public const string OutputChain = "OCX-GATE-OUT";

    /// <summary>Sets the rules, whatever was there of a gate's.</summary>
    /// <param name="ports">The ports; none leaves chains that hand nothing to the queues.</param>
    /// <param name="queues">Where their packets go.</param>
    /// <param name="present">What is there.</param>
    public static string Install(IEnumerable<QueuedPort> ports, QueueRange queues, PresentRules present)
    {
        QueuedPort[] sorted = [.. ports.OrderBy(port => port.Port)];
        StringBuilder text = Start();
        // Naming a chain makes it, or empties it.
        Line(text, $":{InputChain} - [0:0]");
        Line(text, $":{OutputChain} - [0:0]");
        foreach ((string hook, string chain, string end) in Chains)
        {
            // First in the hook: another's rule could take the mark away. One jump, however often a gate was killed.
            if (present.JumpsTo(chain) != 1 || !present.IsFirst(chain))
            {
                RemoveJumps(text, hook, chain, present);
                Line(text, $"-I {hook} 1 -j {chain}");
            }
            Line(text, $"-A {chain} -m mark --mark 0x{RawSender.Mark:x} -j RETURN");
            foreach (QueuedPort port in sorted)
            {
                Line(text, $"-A {chain} -p tcp -m tcp --{end} {port.Port} -j NFQUEUE {Target(port, queues)}");
            }
        }
        return End(text);
    }

    /// <summary>Takes all rules of a gate away; nothing when there are none.</summary>
    public static string Remove(PresentRules present)
    {
        StringBuilder text = Start();
        int empty = text.Length;
        foreach ((string hook, string chain, _) in Chains)
        {
            RemoveJumps(text, hook, chain, present);
            if (present.Has(chain))
            {
                Line(text, $"-F {chain}");
                Line(text, $"-X {chain}");
            }
        }
        return text.Length == empty ? "" : End(text);
    }

    private static (string Hook, string Chain, string End)[] Chains =>
        [("INPUT", InputChain, "dport"), ("OUTPUT", OutputChain, "sport")];

    private static string Target(QueuedPort port, QueueRange queues) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{(queues.Count == 1 ? $"--queue-num {queues.First}" : $"--queue-balance {queues.First}:{queues.Last}")}"
                + $"{(port.PassWithoutGate ? " --queue-bypass" : "")}"
        );

    private static void RemoveJumps(StringBuilder text, string hook, string chain, PresentRules present)
    {
        for (int jump = present.JumpsTo(chain); jump > 0; jump--)
        {
            Line(text, $"-D {hook} -j {chain}");
        }
    }

    private static StringBuilder Start() => new($"*{Table}\n");

    private static void Line(StringBuilder text, FormattableString line) =>
        text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');

    private static string End(StringBuilder text) => text.Append("COMMIT\n").ToString();
}
