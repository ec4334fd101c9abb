using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Ocx.Audit.Intents;
using Ocx.Audit.Rehearsals;
using Ocx.Text;

namespace Ocx.Auditor.Jurors;

/// <summary>
/// What a model is told. The call stands as one line of JSON between two lines that begin with a number which nobody
/// could know before: nothing in the call can end the line, or look like the end of it.
/// </summary>
internal static class ModelPrompt
{
    private const int MarkerBytes = 16;

    /// <summary>The instructions where the audit names no file of its own.</summary>
    public static string Default { get; } = ReadDefault();

    /// <summary>The messages of one question.</summary>
    public static ChatMessage[] For(string instructions, Intent intent, RehearsalEvidence? evidence = null)
    {
        string marker = RandomNumberGenerator.GetHexString(2 * MarkerBytes, lowercase: true);
        return
        [
            new ChatMessage(ChatRole.System, instructions),
            new ChatMessage(
                ChatRole.User,
                $"The call stands between the two lines that begin with {marker}.\n"
                    + Marked(marker, Json(to => IntentJson.Write(to, intent)))
                    + Rehearsed(marker, evidence)
                    + "Judge it."
            ),
        ];
    }

    private static string Rehearsed(string marker, RehearsalEvidence? evidence) =>
        evidence is null
            ? string.Empty
            : "What a rehearsal of it did stands between the next two such lines.\n"
                + Marked(marker, Json(to => EvidenceJson.Write(to, evidence)));

    private static string Marked(string marker, string json) => $"{marker} BEGIN\n{json}\n{marker} END\n";

    private static string Json(Action<Utf8JsonWriter> write)
    {
        var json = new ArrayBufferWriter<byte>(1024);
        using (var to = new Utf8JsonWriter(json, WireJson.WriterOptions))
        {
            write(to);
        }

        return Encoding.UTF8.GetString(json.WrittenSpan);
    }

    private static string ReadDefault()
    {
        using Stream stream = typeof(ModelPrompt).Assembly.GetManifestResourceStream("model-prompt.md")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
