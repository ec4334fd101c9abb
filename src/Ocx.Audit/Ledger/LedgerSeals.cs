using System.Buffers;
using System.Text;
using System.Text.Json;
using Ocx.Text;

namespace Ocx.Audit.Ledger;

/// <summary>
/// Writes what is signed in a ledger: heads and stubs, each a line of canonical JSON. The signature is over the line
/// without the member <c>signature</c>.
/// </summary>
public static class LedgerSeals
{
    internal const string Head = "head";
    internal const string Stub = "stub";

    /// <summary>Signs how far a chain goes.</summary>
    /// <param name="chain">The chain.</param>
    /// <param name="at">Where it ends.</param>
    /// <param name="time">Now.</param>
    /// <param name="key">The key of the chain.</param>
    /// <param name="next">The key that signs from now on; null when it stays the same.</param>
    public static LedgerLine WriteHead(
        string chain,
        LedgerPosition at,
        DateTimeOffset time,
        LedgerSigningKey key,
        LedgerPublicKey? next = null
    )
    {
        ArgumentNullException.ThrowIfNull(key);
        return Sign(
            key,
            at,
            json =>
            {
                json.WriteString("chain"u8, chain);
                json.WriteString("hash"u8, at.Hash);
                json.WriteString("key"u8, key.Id);
                json.WriteString("kind"u8, Head);
                if (next is not null)
                {
                    json.WriteString("nextKey"u8, Convert.ToBase64String(next.Spki));
                }

                json.WriteNumber("sequence"u8, at.Sequence);
            },
            json => json.WriteString("time"u8, LedgerTime.Format(time))
        );
    }

    /// <summary>Signs that the first records of a chain were dropped, so that the rest still verifies.</summary>
    /// <param name="chain">The chain.</param>
    /// <param name="from">The first record that the stub stands for.</param>
    /// <param name="last">The last one, with its hash.</param>
    /// <param name="time">Now.</param>
    /// <param name="key">The key of the chain.</param>
    public static LedgerLine WriteStub(
        string chain,
        long from,
        LedgerPosition last,
        DateTimeOffset time,
        LedgerSigningKey key
    )
    {
        ArgumentNullException.ThrowIfNull(key);
        return Sign(
            key,
            last,
            json =>
            {
                json.WriteString("chain"u8, chain);
                json.WriteNumber("count"u8, last.Sequence - from + 1);
                json.WriteNumber("from"u8, from);
                json.WriteString("hash"u8, last.Hash);
                json.WriteString("key"u8, key.Id);
                json.WriteString("kind"u8, Stub);
            },
            json =>
            {
                json.WriteString("time"u8, LedgerTime.Format(time));
                json.WriteNumber("to"u8, last.Sequence);
            }
        );
    }

    // The members before and behind the signature, in canonical order.
    private static LedgerLine Sign(
        LedgerSigningKey key,
        LedgerPosition position,
        Action<Utf8JsonWriter> before,
        Action<Utf8JsonWriter> behind
    )
    {
        var text = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(text, WireJson.WriterOptions);
        json.WriteStartObject();
        before(json);
        json.Flush();
        int at = text.WrittenCount;
        behind(json);
        json.WriteNumber("version"u8, LedgerRecordWriter.Version);
        json.WriteEndObject();
        json.Flush();
        string signature = Convert.ToBase64String(key.Sign(text.WrittenSpan));
        byte[] member = Encoding.ASCII.GetBytes($",\"signature\":\"{signature}\"");
        byte[] line = [.. text.WrittenSpan[..at], .. member, .. text.WrittenSpan[at..]];
        return new(line, position);
    }
}
