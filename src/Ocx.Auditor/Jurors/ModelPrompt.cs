using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Ocx.Audit.Intents;
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
    public static ChatMessage[] For(string instructions, Intent intent)
    {
        string marker = RandomNumberGenerator.GetHexString(2 * MarkerBytes, lowercase: true);
        return
        [
            new ChatMessage(ChatRole.System, instructions),
            new ChatMessage(
                ChatRole.User,
                $"The call stands between the two lines that begin with {marker}.\n"
                    + $"{marker} BEGIN\n{Json(intent)}\n{marker} END\n"
                    + "Judge it."
            ),
        ];
    }

    private static string Json(Intent intent)
    {
        var json = new ArrayBufferWriter<byte>(1024 + intent.Arguments.Length);
        using (var to = new Utf8JsonWriter(json, WireJson.WriterOptions))
        {
            IntentJson.Write(to, intent);
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
