using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Ocx.Audit.Intents;
using Ocx.Audit.Jury;
using Ocx.Text;

namespace Ocx.Audit.Ledger;

/// <summary>
/// Writes records: one line of canonical JSON (RFC 8785) for each, with the hash of the record before and its own. That
/// is the SHA-256 of the line without the member <c>hash</c>. Texts of others are escaped as <see cref="WireText"/>
/// does, and cut: none forges a line, and no line is longer than <see cref="LedgerLimits.Line"/>.
/// </summary>
public static class LedgerRecordWriter
{
    /// <summary>The version of the format.</summary>
    public const int Version = 1;

    internal const string Kind = "record";

    /// <summary>Writes the record that comes next in a chain.</summary>
    /// <param name="chain">The chain.</param>
    /// <param name="before">Where the chain ends.</param>
    /// <param name="entry">What is recorded.</param>
    /// <exception cref="ArgumentException">The chain's name or the call's key is none.</exception>
    public static LedgerLine Write(string chain, LedgerPosition before, LedgerEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (!LedgerLimits.IsChain(chain))
        {
            throw new ArgumentException("no name for a chain", nameof(chain));
        }

        if (!LedgerLimits.IsKey(entry.Intent.Key))
        {
            throw new ArgumentException("no key for a call", nameof(entry));
        }

        // Members stand in canonical order, and so does each method below write them.
        var text = new ArrayBufferWriter<byte>(2048);
        using var json = new Utf8JsonWriter(text, WireJson.WriterOptions);
        json.WriteStartObject();
        json.WriteStartObject("audit"u8);
        json.WriteNumber("generation"u8, Math.Clamp(entry.Audit.Generation, 0, LedgerLimits.Number));
        WriteText(json, "name"u8, entry.Audit.Name);
        WriteText(json, "namespace"u8, entry.Audit.Namespace);
        json.WriteEndObject();
        json.WriteString("call"u8, entry.Intent.Key);
        json.WriteString("chain"u8, chain);
        json.Flush();
        int hashAt = text.WrittenCount;
        WriteIntent(json, entry.Intent);
        json.WriteString("kind"u8, Kind);
        WriteText(json, "mode"u8, entry.Mode);
        json.WriteString("previous"u8, before.Hash);
        if (entry.Rehearsal is { } rehearsal)
        {
            LedgerRehearsal.Write(json, rehearsal);
        }

        if (entry.Result is { } result)
        {
            json.WriteStartObject("result"u8);
            WriteText(json, "status"u8, result.Status);
            WriteTook(json, result.Took);
            json.WriteEndObject();
        }

        WriteReverting(json, entry);
        json.WriteNumber("sequence"u8, before.Sequence + 1);
        json.WriteString("time"u8, LedgerTime.Format(entry.Time));
        WriteText(json, "token"u8, entry.RevertTokenId);
        WriteVerdict(json, entry.Verdict);
        json.WriteNumber("version"u8, Version);
        json.WriteEndObject();
        json.Flush();
        return WithHash(text.WrittenSpan, hashAt, before.Sequence + 1);
    }

    private static LedgerLine WithHash(ReadOnlySpan<byte> text, int at, long sequence)
    {
        string hash = Convert.ToHexStringLower(SHA256.HashData(text));
        byte[] member = Encoding.ASCII.GetBytes($",\"hash\":\"{hash}\"");
        byte[] line = [.. text[..at], .. member, .. text[at..]];
        return new(line, new LedgerPosition(sequence, hash));
    }

    private static void WriteIntent(Utf8JsonWriter json, Intent intent)
    {
        (string arguments, bool whole) = LedgerArguments.Cut(intent.Arguments.Span);
        json.WriteStartObject("intent"u8);
        if (arguments.Length > 0)
        {
            json.WriteString("arguments"u8, arguments);
        }

        json.WriteNumber("bytes"u8, Math.Clamp(intent.RequestBytes, 0, LedgerLimits.Number));
        json.WriteString("class"u8, intent.Class.ToString());
        WriteParty(json, "client"u8, intent.Client);
        json.WriteBoolean("complete"u8, whole && intent.ArgumentsComplete);
        json.WriteBoolean("credential"u8, intent.CredentialInArguments);
        WriteText(json, "digest"u8, intent.ArgumentsDigest);
        json.WriteStartObject("hints"u8);
        WriteHint(json, "destructive"u8, intent.Hints.Destructive);
        WriteHint(json, "idempotent"u8, intent.Hints.Idempotent);
        WriteHint(json, "openWorld"u8, intent.Hints.OpenWorld);
        WriteHint(json, "readOnly"u8, intent.Hints.ReadOnly);
        json.WriteEndObject();
        WriteText(json, "method"u8, intent.Method);
        WriteText(json, "protocol"u8, intent.ProtocolVersion);
        WriteParty(json, "server"u8, intent.Server);
        WriteText(json, "session"u8, intent.Session);
        json.WriteString("time"u8, LedgerTime.Format(intent.Time));
        WriteText(json, "tool"u8, intent.Tool);
        json.WriteEndObject();
    }

    private static void WriteReverting(Utf8JsonWriter json, LedgerEntry entry)
    {
        if (entry is { Plan: { } plan, RevertTokenId.Length: > 0 })
        {
            json.WriteStartObject("revert"u8);
            if (plan.Irreversible is { } why)
            {
                json.WriteString("irreversible"u8, why);
            }
            else
            {
                json.WriteString("arguments"u8, plan.Arguments.Span);
                WriteText(json, "path"u8, plan.Path, RevertPlan.LongestPath);
                WriteText(json, "tool"u8, plan.Tool, RevertPlan.LongestTool);
            }

            json.WriteEndObject();
        }

        if (entry.Reverts is { } act)
        {
            json.WriteStartObject("reverts"u8);
            WriteText(json, "by"u8, act.By);
            WriteText(json, "call"u8, act.Call);
            WriteText(json, "reason"u8, act.Reason, LedgerLimits.Reason);
            json.WriteEndObject();
        }
    }

    private static void WriteParty(Utf8JsonWriter json, ReadOnlySpan<byte> name, Party party)
    {
        json.WriteStartObject(name);
        WriteText(json, "address"u8, party.Address);
        WriteText(json, "name"u8, party.Name);
        WriteText(json, "namespace"u8, party.Namespace);
        WriteText(json, "pod"u8, party.Pod);
        WriteText(json, "version"u8, party.Version);
        WriteText(json, "workload"u8, party.Workload);
        json.WriteEndObject();
    }

    private static void WriteVerdict(Utf8JsonWriter json, Verdict verdict)
    {
        json.WriteStartObject("verdict"u8);
        if (verdict.Votes.Count > LedgerLimits.Votes)
        {
            json.WriteNumber("moreVotes"u8, verdict.Votes.Count - LedgerLimits.Votes);
        }

        json.WriteString("outcome"u8, verdict.Outcome.ToString());
        if (verdict.Passed)
        {
            json.WriteBoolean("passed"u8, true);
        }

        WriteText(json, "reason"u8, verdict.Reason, LedgerLimits.Reason);
        WriteTook(json, verdict.Took);
        json.WriteStartArray("votes"u8);
        foreach (JurorVote vote in verdict.Votes.Take(LedgerLimits.Votes))
        {
            json.WriteStartObject();
            json.WriteString("ballot"u8, vote.Vote.Ballot.ToString());
            WriteText(json, "failure"u8, vote.Failure);
            WriteText(json, "juror"u8, vote.Juror);
            WriteText(json, "reason"u8, vote.Vote.Reason, LedgerLimits.Reason);
            WriteTook(json, vote.Took);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteText(
        Utf8JsonWriter json,
        ReadOnlySpan<byte> name,
        string? text,
        int longest = LedgerLimits.Name
    )
    {
        if (!string.IsNullOrEmpty(text))
        {
            json.WriteString(name, WireText.Escape(text, longest));
        }
    }

    private static void WriteHint(Utf8JsonWriter json, ReadOnlySpan<byte> name, bool? hint)
    {
        if (hint is { } said)
        {
            json.WriteBoolean(name, said);
        }
    }

    // Milliseconds with three decimals at most. .NET writes doubles from 1e-5 to 1e15 as ECMAScript does.
    private static void WriteTook(Utf8JsonWriter json, TimeSpan took) =>
        json.WriteNumber("tookMs"u8, Math.Round(Math.Clamp(took.TotalMilliseconds, 0, 1e12), 3));
}
