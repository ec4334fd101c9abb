using System.Buffers;
using System.Text.Json;
using Ocx.Audit.Jury;
using Ocx.Audit.Ledger;
using Ocx.Cli.Terminals;
using Ocx.Cli.Trials;
using Ocx.Mcp.Records;
using Ocx.Text;

namespace Ocx.Cli.Replay;

/// <summary>What audits would have decided on the calls of a capture, from a call's opening to its end.</summary>
/// <param name="trial">Who judges; null when nobody does.</param>
internal sealed class ReplayVerdicts(AuditTrial? trial)
{
    private readonly Dictionary<string, LedgerEntry> _verdicts = new(StringComparer.Ordinal);

    /// <summary>The columns of the verdicts; none when nobody judges.</summary>
    public IReadOnlyList<Column<RecordedCall>> Columns =>
        trial is null
            ? []
            :
            [
                new("VERDICT", 8, call => Of(call)?.Verdict.Outcome.ToString() ?? string.Empty, Colour),
                new("REASON", 0, call => Of(call)?.Verdict.Reason ?? string.Empty),
            ];

    /// <summary>Has a call judged that is opened.</summary>
    public void OnOpened(CallRecord call)
    {
        if (trial?.Judge(call) is { } entry)
        {
            _verdicts[call.Key] = entry;
        }
    }

    /// <summary>The call is told of: its verdict is needed no more.</summary>
    public void Forget(RecordedCall call) => _verdicts.Remove(call.Key);

    /// <summary>Writes a call as it is recorded, with a member <c>audit</c> for what was decided.</summary>
    public void Write(Utf8JsonWriter to, RecordedCall call)
    {
        var line = new ArrayBufferWriter<byte>();
        using (var alone = new Utf8JsonWriter(line, WireJson.WriterOptions))
        {
            call.WriteTo(alone);
        }

        to.WriteStartObject();
        foreach ((string name, ReadOnlyMemory<byte> json) in WireObject.Parse(line.WrittenSpan).Members)
        {
            to.WritePropertyName(name);
            WireJson.WriteValue(to, json.Span);
        }

        if (Of(call) is { } entry)
        {
            to.WriteStartObject("audit");
            to.WriteString("name", entry.Audit.Name);
            to.WriteString("class", entry.Intent.Class.ToString());
            to.WriteString("verdict", entry.Verdict.Outcome.ToString());
            to.WriteString("reason", entry.Verdict.Reason);
            to.WriteEndObject();
        }

        to.WriteEndObject();
    }

    private LedgerEntry? Of(RecordedCall call) => _verdicts.GetValueOrDefault(call.Key);

    private Paint Colour(RecordedCall call) =>
        Of(call)?.Verdict.Outcome switch
        {
            Outcome.Released => Paint.Green,
            Outcome.Held => Paint.Yellow,
            null => Paint.None,
            _ => Paint.Red,
        };
}
