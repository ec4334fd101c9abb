using Google.Protobuf;

namespace Ocx.Auditor.Tests.Tracing;

/// <summary>A span as it came, read from OTLP's own bytes (opentelemetry-proto, trace/v1/trace.proto).</summary>
internal sealed record ReceivedSpan(
    string TraceId,
    string SpanId,
    string ParentId,
    string Name,
    ulong Start,
    ulong End,
    bool IsError,
    IReadOnlyDictionary<string, string> Attributes,
    IReadOnlyDictionary<string, string> Resource
)
{
    /// <summary>Reads an ExportTraceServiceRequest.</summary>
    public static IEnumerable<ReceivedSpan> ReadAll(byte[] request)
    {
        foreach (ByteString resourceSpans in Parts(request, 1))
        {
            byte[] all = resourceSpans.ToByteArray();
            IReadOnlyDictionary<string, string> resource = Pairs(Parts(all, 1).Single().ToByteArray(), 1);
            foreach (ByteString span in Parts(all, 2).SelectMany(scope => Parts(scope.ToByteArray(), 2)))
            {
                yield return Read(span.ToByteArray(), resource);
            }
        }
    }

    private static ReceivedSpan Read(byte[] span, IReadOnlyDictionary<string, string> resource) =>
        new(
            Hex(span, 1),
            Hex(span, 2),
            Hex(span, 4),
            Text(span, 5),
            Fixed(span, 7),
            Fixed(span, 8),
            Parts(span, 15)
                .Any(status => Fields(status.ToByteArray()).Any(field => field is { Number: 3, Value: 2UL })),
            Pairs(span, 9),
            resource
        );

    private static Dictionary<string, string> Pairs(byte[] of, int number) =>
        Parts(of, number)
            .Select(pair => pair.ToByteArray())
            .ToDictionary(pair => Text(pair, 1), pair => Text(Parts(pair, 2).Single().ToByteArray(), 1));

    private static string Hex(byte[] message, int number) =>
        string.Concat(Parts(message, number).Select(id => Convert.ToHexStringLower(id.Span)));

    private static string Text(byte[] message, int number) =>
        string.Concat(Parts(message, number).Select(text => text.ToStringUtf8()));

    private static ulong Fixed(byte[] message, int number) =>
        Fields(message).Where(field => field.Number == number).Select(field => (ulong)field.Value).Single();

    private static IEnumerable<ByteString> Parts(byte[] message, int number) =>
        Fields(message).Where(field => field.Number == number).Select(field => (ByteString)field.Value);

    private static IEnumerable<(int Number, object Value)> Fields(byte[] message)
    {
        var input = new CodedInputStream(message);
        while (input.ReadTag() is var tag and not 0)
        {
            object value = WireFormat.GetTagWireType(tag) switch
            {
                WireFormat.WireType.Varint => input.ReadUInt64(),
                WireFormat.WireType.Fixed64 => input.ReadFixed64(),
                WireFormat.WireType.Fixed32 => input.ReadFixed32(),
                WireFormat.WireType.LengthDelimited => input.ReadBytes(),
                var other => throw new InvalidDataException($"wire type {other}"),
            };
            yield return (WireFormat.GetTagFieldNumber(tag), value);
        }
    }
}
