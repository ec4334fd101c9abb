using System.Runtime.InteropServices;
using System.Text.Json;
using Ocx.Text;

namespace Ocx.Audit.Rehearsals;

/// <summary>
/// Evidence as JSON, for whoever judges it from outside (docs/schemas/call-review-v1.json). What was not observed is
/// left out.
/// </summary>
public static class EvidenceJson
{
    /// <summary>Writes one JSON object.</summary>
    /// <param name="to">Made with <see cref="WireJson.WriterOptions"/>: all texts are those of a shadow server.</param>
    /// <param name="evidence">The evidence.</param>
    public static void Write(Utf8JsonWriter to, RehearsalEvidence evidence)
    {
        ArgumentNullException.ThrowIfNull(to);
        ArgumentNullException.ThrowIfNull(evidence);
        to.WriteStartObject();
        to.WriteString("outcome", evidence.Outcome.ToString());
        if (evidence.Failure is { } failure)
        {
            to.WriteString("failure", failure);
        }

        to.WriteNumber("tookMs", (long)evidence.Took.TotalMilliseconds);
        if (evidence.Result is { } result)
        {
            to.WritePropertyName("result");
            WireJson.WriteValue(to, JsonMarshal.GetRawUtf8Value(result));
        }

        to.WriteStartObject("effects");
        WriteState(to, evidence.Effects.State);
        if (evidence.Effects.Files is { } files)
        {
            to.WriteStartObject("files");
            WriteTexts(to, "created", files.Created);
            WriteTexts(to, "changed", files.Changed);
            WriteTexts(to, "deleted", files.Deleted);
            to.WriteBoolean("cut", files.IsCut);
            to.WriteEndObject();
        }

        if (evidence.Effects.Processes is { } processes)
        {
            to.WriteStartObject("processes");
            WriteTexts(to, "started", processes.Started);
            to.WriteBoolean("cut", processes.IsCut);
            to.WriteEndObject();
        }

        WriteNetwork(to, evidence.Effects.Network);
        to.WriteEndObject();
        to.WriteEndObject();
    }

    private static void WriteState(Utf8JsonWriter to, IReadOnlyList<StateEffects>? sources)
    {
        if (sources is null)
        {
            return;
        }

        to.WriteStartArray("state");
        foreach (StateEffects one in sources)
        {
            to.WriteStartObject();
            to.WriteString("source", one.Source);
            to.WriteString("kind", one.Kind == StateKind.Redis ? "Redis" : "PostgreSQL");
            to.WriteNumber("rowsInserted", one.RowsInserted);
            to.WriteNumber("rowsUpdated", one.RowsUpdated);
            to.WriteNumber("rowsDeleted", one.RowsDeleted);
            to.WriteNumber("rowsTruncated", one.RowsTruncated);
            to.WriteNumber("keysWritten", one.KeysWritten);
            to.WriteNumber("keysDeleted", one.KeysDeleted);
            to.WriteBoolean("schemaChanged", one.SchemaChanged);
            to.WriteNumber("lagMs", (long)one.Lag.TotalMilliseconds);
            to.WriteStartArray("changes");
            foreach (StateChange change in one.Changes)
            {
                to.WriteStartObject();
                to.WriteString("target", change.Target);
                to.WriteString("operation", change.Operation);
                WriteFields(to, "old", change.Old);
                WriteFields(to, "new", change.New);
                to.WriteEndObject();
            }

            to.WriteEndArray();
            to.WriteBoolean("cut", one.IsCut);
            to.WriteEndObject();
        }

        to.WriteEndArray();
    }

    // Two fields may have one name, so they are no members of an object.
    private static void WriteFields(Utf8JsonWriter to, string name, IReadOnlyList<StateField>? fields)
    {
        if (fields is null)
        {
            return;
        }

        to.WriteStartArray(name);
        foreach (StateField field in fields)
        {
            to.WriteStartObject();
            to.WriteString("name", field.Name);
            to.WriteString("value", field.Value);
            to.WriteEndObject();
        }

        to.WriteEndArray();
    }

    private static void WriteNetwork(Utf8JsonWriter to, NetworkEffects? network)
    {
        if (network is null)
        {
            return;
        }

        to.WriteStartObject("network");
        to.WriteStartArray("tried");
        foreach (ConnectionTry one in network.Tried)
        {
            to.WriteStartObject();
            to.WriteString("address", one.Address);
            to.WriteNumber("port", one.Port);
            to.WriteBoolean("refused", one.IsRefused);
            to.WriteEndObject();
        }

        to.WriteEndArray();
        to.WriteBoolean("cut", network.IsCut);
        to.WriteEndObject();
    }

    private static void WriteTexts(Utf8JsonWriter to, string name, IReadOnlyList<string> texts)
    {
        to.WriteStartArray(name);
        foreach (string text in texts)
        {
            to.WriteStringValue(text);
        }

        to.WriteEndArray();
    }
}
