using System.Buffers;
using System.Text.Json;
using Ocx.Audit.Classes;
using Ocx.Audit.Intents;
using Ocx.Audit.Ledger;
using Ocx.Audit.Policy;
using Ocx.Text;

namespace Ocx.Audit.Reverts;

/// <summary>A call that takes others back, ready to be made for each of them.</summary>
/// <param name="Tools">The tools whose calls it takes back.</param>
/// <param name="Tool">The tool that it calls.</param>
/// <param name="Arguments">Its arguments, in their order.</param>
public sealed record Compensation(
    IReadOnlyList<Glob> Tools,
    string Tool,
    IReadOnlyList<(string Name, CallExpression Value)> Arguments
);

/// <summary>How an audit's calls are taken back, by what it declares. For any number of threads.</summary>
/// <param name="path">Where the server speaks MCP: the path of its URL.</param>
/// <param name="all">The declarations; the first that matches a tool counts.</param>
public sealed class Compensations(string path, IReadOnlyList<Compensation> all)
{
    private const int LongestName = 64;

    // Those that a plan can keep, and what stands around them in JSON.
    private const int MostBytes = 8 * LedgerLimits.Arguments;

    /// <summary>
    /// How a call is taken back. It is made of the call as it is redacted: what is masked in it makes it irreversible,
    /// where the declaration reads that.
    /// </summary>
    /// <returns>Null when nothing is declared for it.</returns>
    public RevertPlan? Of(Intent intent)
    {
        ArgumentNullException.ThrowIfNull(intent);
        Compensation? declared =
            intent.Method == "tools/call"
                ? all.FirstOrDefault(one => one.Tools.Any(tool => tool.IsMatch(intent.Tool)))
                : null;
        if (declared is null)
        {
            return null;
        }

        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, WireJson.WriterOptions);
        var facts = new CallFacts(intent);
        json.WriteStartObject();
        foreach ((string name, CallExpression value) in declared.Arguments)
        {
            json.WritePropertyName(name);
            if (value.Write(json, facts, MostBytes) is { } why)
            {
                return RevertPlan.Never(
                    $"the argument {WireText.Quote(name, LongestName)} of {declared.Tool} is not known: {why}"
                );
            }
        }

        json.WriteEndObject();
        json.Flush();
        return RevertPlan.Call(declared.Tool, buffer.WrittenSpan, path);
    }
}
