using System.Buffers;
using System.Text;
using System.Text.Json;
using Ocx.Text;

namespace Ocx.Cli.Terminals;

/// <summary>Results as JSON, one object a line.</summary>
internal static class JsonLines
{
    /// <summary>Prints what is written as one line.</summary>
    public static void Write(Terminal terminal, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, WireJson.WriterOptions))
        {
            write(json);
        }

        terminal.Output.WriteLine(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }
}
