using System.Buffers;
using System.Text;
using System.Text.Json;
using Ocx.Mcp.Records;
using Ocx.Text;

namespace Ocx.NodeAgent.Output;

/// <summary>The two lines of a call, each with its line end. See docs/mcp.md and docs/agent.md.</summary>
internal static class CallLine
{
    /// <summary>A JSON object.</summary>
    public static void WriteJson(IBufferWriter<byte> output, CallRecord call)
    {
        using (var json = new Utf8JsonWriter(output, WireJson.WriterOptions))
        {
            CallRecordWriter.Write(json, call);
        }
        output.Write("\n"u8);
    }

    /// <summary>When, who, what, how long, how it went and how much, for a person.</summary>
    public static void WriteForPeople(IBufferWriter<byte> output, CallRecord call)
    {
        Encoding.UTF8.GetBytes(CallRecordWriter.ToLine(call), output);
        output.Write("\n"u8);
    }
}
