using System.Globalization;

namespace Ocx.Gate.Rules;

/// <summary>What a namespace has of a gate's rules: as <c>iptables -S</c> lists them.</summary>
internal sealed class PresentRules
{
    private readonly HashSet<string> _chains = [];
    private readonly Dictionary<string, int> _jumps = [];
    private readonly HashSet<string> _first = [];
    private readonly HashSet<ushort> _queues = [];

    /// <summary>The queues that the rules of a gate hand packets to.</summary>
    public IReadOnlyCollection<ushort> Queues => _queues;

    /// <summary>Whether there is the chain.</summary>
    public bool Has(string chain) => _chains.Contains(chain);

    /// <summary>How many rules jump to the chain from where a gate puts them.</summary>
    public int JumpsTo(string chain) => _jumps.GetValueOrDefault(chain);

    /// <summary>Whether such a jump is its hook's first rule.</summary>
    public bool IsFirst(string chain) => _first.Contains(chain);

    /// <summary>Reads a table's list; what is not of a gate is passed over.</summary>
    public static PresentRules Parse(string list)
    {
        var rules = new PresentRules();
        var begun = new HashSet<string>();
        foreach (string line in list.Split('\n', StringSplitOptions.TrimEntries))
        {
            switch (line.Split(' '))
            {
                case ["-N", RuleText.InputChain or RuleText.OutputChain] words:
                    rules._chains.Add(words[1]);
                    break;
                case ["-A", "INPUT", "-j", RuleText.InputChain] or ["-A", "OUTPUT", "-j", RuleText.OutputChain]:
                    string[] jump = line.Split(' ');
                    rules._jumps[jump[3]] = rules.JumpsTo(jump[3]) + 1;
                    if (begun.Add(jump[1]))
                    {
                        rules._first.Add(jump[3]);
                    }
                    break;
                case ["-A", RuleText.InputChain or RuleText.OutputChain, ..] words:
                    rules.AddQueues(words);
                    break;
                case ["-A", var chain, ..]:
                    begun.Add(chain);
                    break;
            }
        }
        return rules;
    }

    private void AddQueues(string[] words)
    {
        int option = Array.FindIndex(words, word => word is "--queue-num" or "--queue-balance");
        if (option < 0 || option == words.Length - 1)
        {
            return;
        }
        string[] ends = words[option + 1].Split(':');
        if (Number(ends[0]) is { } first && Number(ends[^1]) is { } last)
        {
            for (int queue = first; queue <= last; queue++)
            {
                _queues.Add((ushort)queue);
            }
        }
    }

    private static ushort? Number(string text) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort number) ? number : null;
}
