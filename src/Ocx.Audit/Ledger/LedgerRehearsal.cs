using System.Runtime.InteropServices;
using System.Text.Json;
using Ocx.Audit.Rehearsals;
using Ocx.Text;

namespace Ocx.Audit.Ledger;

/// <summary>
/// The member <c>rehearsal</c> of a record. It has a version of its own: a reader leaves out what a later one says, and
/// the record verifies all the same. What was not observed has no member.
/// </summary>
internal static class LedgerRehearsal
{
    public const int Version = 1;

    // Milliseconds of 34 years.
    private const long LongestTime = 1L << 40;

    /// <summary>Writes it, in canonical order.</summary>
    public static void Write(Utf8JsonWriter json, RehearsalSummary summary)
    {
        json.WriteStartObject("rehearsal"u8);
        WriteCount(json, "connections"u8, summary.Connections);
        WriteCount(json, "connectionsRefused"u8, summary.ConnectionsRefused);
        if (summary.Failure is { } failure)
        {
            json.WriteString("failure"u8, RehearsalFailure.KindOf(failure));
        }

        WriteCount(json, "files"u8, summary.Files);
        json.WriteString("outcome"u8, summary.Outcome.ToString());
        WriteCount(json, "programs"u8, summary.Programs);
        if (summary.State is { } state)
        {
            json.WriteStartObject("state"u8);
            WriteCount(json, "keysDeleted"u8, state.KeysDeleted);
            WriteCount(json, "keysWritten"u8, state.KeysWritten);
            WriteTime(json, "lagMs"u8, state.Lag);
            WriteCount(json, "rowsDeleted"u8, state.RowsDeleted);
            WriteCount(json, "rowsInserted"u8, state.RowsInserted);
            WriteCount(json, "rowsUpdated"u8, state.RowsUpdated);
            json.WriteBoolean("schemaChanged"u8, state.SchemaChanged);
            json.WriteEndObject();
        }

        json.WriteStartArray("targets"u8);
        foreach (string target in summary.Targets.Take(RehearsalSummary.MostTargets))
        {
            json.WriteStringValue(WireText.Escape(target, LedgerLimits.Name));
        }

        json.WriteEndArray();
        WriteTime(json, "tookMs"u8, summary.Took);
        json.WriteNumber("version"u8, Version);
        json.WriteEndObject();
    }

    /// <summary>Reads it.</summary>
    /// <returns>Null of a later version.</returns>
    /// <exception cref="FormatException">It is none.</exception>
    public static RehearsalSummary? Read(WireObject from)
    {
        if (from.Number("version") != Version)
        {
            return null;
        }

        string outcome = from.Text("outcome");
        return new RehearsalSummary
        {
            Outcome =
                Enum.TryParse(outcome, out RehearsalOutcome word) && word.ToString() == outcome
                    ? word
                    : throw new FormatException("outcome is none of a rehearsal"),
            Failure = from.Has("failure") ? RehearsalFailure.KindOf(from.Text("failure")) : null,
            Took = Time(from, "tookMs"),
            State = from.Inner("state") is { } state
                ? new StateTotals
                {
                    KeysDeleted = Count(state, "keysDeleted") ?? 0,
                    KeysWritten = Count(state, "keysWritten") ?? 0,
                    Lag = Time(state, "lagMs"),
                    RowsDeleted = Count(state, "rowsDeleted") ?? 0,
                    RowsInserted = Count(state, "rowsInserted") ?? 0,
                    RowsUpdated = Count(state, "rowsUpdated") ?? 0,
                    SchemaChanged = state.Flag("schemaChanged"),
                }
                : null,
            Targets = [.. Targets(from.Json("targets"))],
            Files = Count(from, "files"),
            Programs = Count(from, "programs"),
            Connections = Count(from, "connections"),
            ConnectionsRefused = Count(from, "connectionsRefused"),
        };
    }

    private static IEnumerable<string> Targets(ReadOnlyMemory<byte> json)
    {
        JsonElement array = json.IsEmpty ? default : JsonElement.Parse(json.Span);
        return array.ValueKind == JsonValueKind.Array
            ? array
                .EnumerateArray()
                .Take(RehearsalSummary.MostTargets)
                .Where(target => target.ValueKind == JsonValueKind.String)
                .Select(target => WireText.Escape(Text(target), LedgerLimits.Name))
            : throw new FormatException("targets is no array");
    }

    private static string Text(JsonElement text) => WireJson.ReadText(JsonMarshal.GetRawUtf8Value(text));

    private static TimeSpan Time(WireObject of, string name) =>
        TimeSpan.FromMilliseconds(Math.Min(Count(of, name) ?? 0, LongestTime));

    private static long? Count(WireObject of, string name) => of.Number(name, 0, LedgerLimits.Number);

    private static void WriteTime(Utf8JsonWriter json, ReadOnlySpan<byte> name, TimeSpan time) =>
        json.WriteNumber(name, (long)Math.Clamp(time.TotalMilliseconds, 0, LongestTime));

    private static void WriteCount(Utf8JsonWriter json, ReadOnlySpan<byte> name, long? count)
    {
        if (count is { } known)
        {
            json.WriteNumber(name, Math.Clamp(known, 0, LedgerLimits.Number));
        }
    }
}
