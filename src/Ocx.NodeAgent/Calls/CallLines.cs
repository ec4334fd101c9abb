using System.Buffers;
using System.Text;
using System.Text.Json;
using Ocx.Mcp.Records;
using Ocx.Text;

namespace Ocx.NodeAgent.Calls;

/// <summary>Writes each call as one line, which waits here until it is moved to the output. See docs/mcp.md.</summary>
internal sealed class CallLines : ICallObserver
{
    private readonly ArrayBufferWriter<byte> _lines = new();
    private readonly Action<IBufferWriter<byte>, CallRecord> _write;

    private CallLines(Action<IBufferWriter<byte>, CallRecord> write) => _write = write;

    /// <summary>A JSON object for each call.</summary>
    public static CallLines AsJson() => new(WriteJson);

    /// <summary>When, who, what, how long, how it went and how much, for a person.</summary>
    public static CallLines ForPeople() => new((output, call) => Encoding.UTF8.GetBytes(CallRecordWriter.ToLine(call), output));

    /// <inheritdoc/>
    public void OnCall(CallRecord call)
    {
        _write(_lines, call);
        _lines.Write("\n"u8);
    }

    /// <summary>Moves the lines written so far.</summary>
    public void MoveTo(IBufferWriter<byte> output)
    {
        output.Write(_lines.WrittenSpan);
        _lines.ResetWrittenCount();
    }

    private static void WriteJson(IBufferWriter<byte> output, CallRecord call)
    {
        using var json = new Utf8JsonWriter(output, WireJson.WriterOptions);
        CallRecordWriter.Write(json, call);
    }
}
