using System.Text;
using System.Text.Json;
using Ocx.Mcp.Buffers;
using Ocx.Mcp.JsonRpc;
using Ocx.Mcp.Redaction;

namespace Ocx.Fuzz;

/// <summary>The reader of JSON-RPC, and the redactor of what it finds.</summary>
internal static class JsonTargets
{
    private const int MaxKept = 4096;

    private static readonly JsonRpcParser s_parser = new(new Utf8StringCache());

    private static readonly Redactor s_redactor = new(
        new RedactionOptions
        {
            Paths = ["$.password", "$.user.name", "$.items[*].key"],
            Patterns = ["[0-9]{3}-[0-9]{2}"],
        }
    );

    public static void ParseJson(byte[] input)
    {
        foreach (bool truncated in new[] { false, true })
        {
            string? difference = TokenAgreement.Difference(input, truncated);
            FuzzTarget.Must(difference is null, difference ?? string.Empty);
            if (s_parser.Parse(input, truncated, out JsonRpcMessage message) == JsonRpcParse.Message)
            {
                MustLieIn(input, message.Arguments, truncated);
                MustLieIn(input, message.Outcome, truncated);
            }
        }
    }

    public static void Redact(byte[] input)
    {
        s_redactor.Redact(Encoding.UTF8.GetString(input));
        var budget = new MemoryBudget(1 << 20);
        var kept = new PooledBuffer(budget, MaxKept);
        bool whole = s_redactor.Append(input, kept);
        FuzzTarget.Must(kept.Length <= MaxKept, $"{kept.Length} bytes are kept");
        if (whole && IsJson(input))
        {
            FuzzTarget.Must(IsJson(kept.Span.ToArray()), "masking a JSON text left something else");
        }

        kept.Release();
        FuzzTarget.Must(budget.Used == 0, $"{budget.Used} bytes are held at the end");
    }

    // A part that is handed on is JSON of its own, so that it can stand in a record.
    private static void MustLieIn(byte[] text, Range part, bool truncated)
    {
        byte[] value = text[part];
        FuzzTarget.Must(value.Length == 0 || truncated || IsJson(value), "a part of a message is no JSON");
    }

    private static bool IsJson(byte[] text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(
                text,
                new JsonDocumentOptions { MaxDepth = JsonRpcParser.MaxDepth + 2 }
            );
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
