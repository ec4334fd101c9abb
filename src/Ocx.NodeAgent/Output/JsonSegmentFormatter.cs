using System.Buffers;
using System.Net;
using System.Text.Json;
using System.Text.Unicode;
using Ocx.Mcp.Pairing;
using Ocx.NodeAgent.Attribution;
using Ocx.NodeAgent.Capture;
using Ocx.Text;

namespace Ocx.NodeAgent.Output;

/// <summary>One JSON object a line. The fields are described in docs/agent.md.</summary>
internal sealed class JsonSegmentFormatter(
    InterfaceNames interfaces,
    SocketOwners owners,
    MonotonicClock clock,
    PayloadMode payload = PayloadMode.Full
) : ISegmentFormatter
{
    private Utf8JsonWriter? _writer;

    /// <inheritdoc/>
    public void Format(in CapturedSegment segment, IBufferWriter<byte> output)
    {
        if (segment.Length == 0)
        {
            return;
        }
        Utf8JsonWriter json = _writer ??= new Utf8JsonWriter(output, WireJson.WriterOptions);
        json.Reset(output);
        json.WriteStartObject();
        json.WriteString(
            "timestamp",
            Rfc3339.Format(clock.ToUnixNs(segment.MonotonicNs), stackalloc byte[Rfc3339.Length])
        );
        json.WriteString("interface", interfaces[segment.InterfaceIndex]);
        json.WriteString("direction", segment.IsOutgoing ? "out" : "in");
        WriteProcess(json, owners.Find(segment));
        WriteEndpoint(json, "source", segment.Source);
        WriteEndpoint(json, "destination", segment.Destination);
        json.WriteNumber("seq", segment.Sequence);
        json.WriteNumber("length", segment.Length);
        json.WriteNumber("captured", segment.Payload.Length);
        json.WriteBoolean("truncated", segment.IsTruncated);
        if (payload == PayloadMode.Full)
        {
            WritePayload(json, segment.Payload);
        }
        json.WriteEndObject();
        json.Flush();
        output.Write("\n"u8);
    }

    private static void WriteProcess(Utf8JsonWriter json, SocketOwner? owner)
    {
        if (owner is { } process)
        {
            json.WriteNumber("pid", process.Pid);
            if (process.Tid is { } tid)
            {
                json.WriteNumber("tid", tid);
            }
            else
            {
                json.WriteNull("tid");
            }
            json.WriteString("comm", process.Comm);
        }
        else
        {
            json.WriteNull("pid");
            json.WriteNull("tid");
            json.WriteNull("comm");
        }
    }

    private static void WritePayload(Utf8JsonWriter json, ReadOnlySpan<byte> payload)
    {
        if (Utf8.IsValid(payload))
        {
            json.WriteString("payload", payload);
        }
        else
        {
            json.WriteBase64String("payloadBase64", payload);
        }
    }

    private static void WriteEndpoint(Utf8JsonWriter json, string name, IPEndPoint endpoint)
    {
        json.WriteStartObject(name);
        json.WriteString("address", endpoint.Address.ToString());
        json.WriteNumber("port", endpoint.Port);
        json.WriteEndObject();
    }
}
