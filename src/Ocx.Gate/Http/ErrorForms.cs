using System.Buffers;
using System.Text.Json;
using Ocx.Text;

namespace Ocx.Gate.Http;

/// <summary>
/// An error for the ids of a request, as JSON texts of several lengths, the longest first: in full; without its data;
/// without the reason; without any words. For a batch each is an array of errors, one for each id.
/// </summary>
internal sealed class ErrorForms
{
    private static ReadOnlySpan<byte> NoId => "null"u8;

    /// <summary>The error's forms.</summary>
    /// <param name="error">What happened.</param>
    /// <param name="ids">Whom it is for; without any, an error of the id null.</param>
    public ErrorForms(AuditError error, RequestIds ids) =>
        Texts = [
            Write(error.Message, error, ids),
            Write(error.Message, null, ids),
            Write(error.ShortMessage, null, ids),
            Write(string.Empty, null, ids),
        ];

    /// <summary>The JSON texts, each on one line.</summary>
    public IReadOnlyList<byte[]> Texts { get; }

    private static byte[] Write(string message, AuditError? data, RequestIds ids)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var to = new Utf8JsonWriter(text, WireJson.WriterOptions))
        {
            if (ids.IsBatch)
            {
                to.WriteStartArray();
            }

            foreach (byte[] id in ids.Tokens)
            {
                WriteError(to, id, message, data);
            }

            if (ids.Tokens.Count == 0)
            {
                WriteError(to, NoId, message, data);
            }

            if (ids.IsBatch)
            {
                to.WriteEndArray();
            }
        }

        return text.WrittenSpan.ToArray();
    }

    private static void WriteError(Utf8JsonWriter to, ReadOnlySpan<byte> id, string message, AuditError? data)
    {
        to.WriteStartObject();
        to.WriteString("jsonrpc", "2.0");
        to.WritePropertyName("id");
        to.WriteRawValue(id, skipInputValidation: true); // it was read as a number or a string
        to.WriteStartObject("error");
        to.WriteNumber("code", AuditError.Code);
        to.WriteString("message", message);
        if (data is not null)
        {
            to.WritePropertyName("data");
            data.WriteData(to);
        }

        to.WriteEndObject();
        to.WriteEndObject();
    }
}
