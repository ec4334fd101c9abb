using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using Ocx.Audit.Rehearsals;
using Ocx.Mcp.Redaction;
using Ocx.Text;

namespace Ocx.Auditor.Audits;

/// <summary>
/// Masks evidence by the rules that hold for arguments: a row is an object with its columns as members, and a value
/// that is JSON is looked into. For any thread.
/// </summary>
/// <param name="redaction">The rules.</param>
internal sealed class EvidenceRedaction(ArgumentRedaction redaction)
{
    /// <summary>The evidence as it may be shown.</summary>
    /// <param name="evidence">Evidence within its bounds.</param>
    public RehearsalEvidence Apply(RehearsalEvidence evidence)
    {
        ArgumentNullException.ThrowIfNull(evidence);
        CallEffects effects = evidence.Effects;
        return evidence with
        {
            Result = Masked(evidence.Result),
            Effects = effects with
            {
                State = effects.State is { } state ? [.. state.Select(Masked)] : null,
                Files = effects.Files is { } files
                    ? files with
                    {
                        Created = Masked(files.Created),
                        Changed = Masked(files.Changed),
                        Deleted = Masked(files.Deleted),
                    }
                    : null,
                Processes = effects.Processes is { } processes
                    ? processes with
                    {
                        Started = Masked(processes.Started),
                    }
                    : null,
            },
        };
    }

    private JsonElement? Masked(JsonElement? result) =>
        result is { } json && redaction.MaskJson(JsonMarshal.GetRawUtf8Value(json)) is { } masked
            ? JsonElement.Parse(masked)
            : null;

    private string[] Masked(IReadOnlyList<string> paths) => [.. paths.Select(redaction.Mask)];

    private StateEffects Masked(StateEffects source) =>
        source with
        {
            Changes =
            [
                .. source.Changes.Select(change =>
                    change with
                    {
                        Target = redaction.Mask(change.Target),
                        Old = Masked(change.Old),
                        New = Masked(change.New),
                    }
                ),
            ],
        };

    private StateField[]? Masked(IReadOnlyList<StateField>? fields)
    {
        if (fields is null)
        {
            return null;
        }

        var row = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(row, WireJson.WriterOptions))
        {
            json.WriteStartObject();
            foreach (StateField field in fields)
            {
                json.WriteString(field.Name, field.Value);
            }

            json.WriteEndObject();
        }

        return redaction.MaskJson(row.WrittenSpan) is { } masked
            ? [.. Read(masked)]
            : [.. fields.Select(field => field with { Value = Redactor.Mask })];
    }

    private StateField[] Read(byte[] row)
    {
        var fields = new List<StateField>();
        var reader = new Utf8JsonReader(row);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = WireJson.ReadText(ref reader);
            reader.Read();
            string? value = reader.TokenType == JsonTokenType.String ? WireJson.ReadText(ref reader) : null;
            fields.Add(new StateField(name, value is ['{' or '[', ..] ? redaction.Mask(value) : value));
        }

        return [.. fields];
    }
}
