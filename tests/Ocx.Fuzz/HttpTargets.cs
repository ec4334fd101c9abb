using Ocx.Mcp.Buffers;
using Ocx.Mcp.Http;
using Ocx.Mcp.JsonRpc;
using Ocx.Mcp.Sse;

namespace Ocx.Fuzz;

/// <summary>
/// The readers of HTTP, of its bodies, and of what is only recognised. The first byte of an input chooses among their
/// ways.
/// </summary>
internal static class HttpTargets
{
    private const int MaxEvent = 64 << 10;

    public static void ParseHttp(byte[] input)
    {
        ReadOnlySpan<byte> data = Choose(input, out byte choice);
        var budget = new MemoryBudget(1 << 20);
        var reader = new HttpReader(request: (choice & 1) == 0, budget, new Utf8StringCache());
        int split = (choice >> 1) + 1;
        while (!data.IsEmpty)
        {
            Read(reader, NextPiece(ref data, split));
        }

        reader.CompleteByClose();
        reader.Release();
        FuzzTarget.Must(budget.Used == 0, $"{budget.Used} bytes are held at the end");
    }

    public static void ParseSse(byte[] input)
    {
        ReadOnlySpan<byte> data = Choose(input, out byte choice);
        var budget = new MemoryBudget(1 << 20);
        var reader = new SseReader(budget, MaxEvent, () => new(new JsonValues(new Utf8StringCache())));
        int split = choice + 1;
        while (!data.IsEmpty)
        {
            ReadOnlySpan<byte> piece = NextPiece(ref data, split);
            while (reader.TryRead(ref piece, out ReadOnlySpan<byte> text))
            {
                FuzzTarget.Must(text.Length <= MaxEvent, $"an event of {text.Length} bytes");
                FuzzTarget.Must(reader.Truncated == (reader.Long is not null), "a cut event is not read on");
                FuzzTarget.Must(
                    !reader.Truncated || reader.Long!.Length >= text.Length,
                    "a cut event is shorter than what is kept of it"
                );
            }
        }

        reader.TryCut(out ReadOnlySpan<byte> cut);
        FuzzTarget.Must(cut.Length <= MaxEvent, $"a cut event of {cut.Length} bytes");

        reader.Release();
        FuzzTarget.Must(budget.Used == 0, $"{budget.Used} bytes are held at the end");
    }

    public static void ParseCoded(byte[] input)
    {
        ReadOnlySpan<byte> data = Choose(input, out byte choice);
        ContentCoding[] codings = Enum.GetValues<ContentCoding>();
        var options = new DecodingOptions { ConnectionBurstBytes = 1 << 20 };
        var work = new DecodeBudget(options);
        var memory = new MemoryBudget(4 << 20);
        // One coding, or a second one beneath it.
        ContentCoding first = codings[choice % codings.Length],
            second = codings[choice / codings.Length % codings.Length];
        var decoder = new BodyDecoder(ContentCodings.Of(second).Add(first), new DecodeAllowance(work), memory);
        long decoded = 0;
        int split = (choice / (codings.Length * codings.Length) * 16) + 1;
        DecodeResult result = DecodeResult.Decoded;
        while (result == DecodeResult.Decoded && !data.IsEmpty)
        {
            result = decoder.Decode(NextPiece(ref data, split), piece => (decoded += piece.Length) >= 0);
        }

        decoder.Dispose();
        long most = options.ConnectionBurstBytes + ((long)options.OrdinaryRatio * input.Length);
        FuzzTarget.Must(
            decoded <= most && work.Decoded <= most + (32 << 10),
            $"{work.Decoded} bytes were decoded where {most} may be"
        );
        FuzzTarget.Must(memory.Used == 0, $"{memory.Used} bytes are held at the end");
    }

    public static void ParseTls(byte[] input)
    {
        FuzzTarget.Must(
            TlsClientHello.RecordLength(input) is >= 0 and <= 5 + ushort.MaxValue,
            "a TLS record of an impossible length"
        );
        if (TlsClientHello.TryParse(input, out TlsClientHello hello))
        {
            FuzzTarget.Must(
                (hello.ServerName + hello.Alpn).Length <= input.Length,
                "names longer than what they stand in"
            );
        }
    }

    private static void Read(HttpReader reader, ReadOnlySpan<byte> data)
    {
        if (reader.IsLost && !reader.TryResume(data))
        {
            return;
        }

        // Each event but the heads and ends of empty messages uses a byte up.
        for (int steps = (4 * data.Length) + 16; ; steps--)
        {
            FuzzTarget.Must(steps > 0, "reading makes no progress");
            HttpEvent read = reader.Read(ref data, out _);
            if (read is not (HttpEvent.Head or HttpEvent.Body or HttpEvent.End))
            {
                return;
            }
        }
    }

    private static ReadOnlySpan<byte> Choose(byte[] input, out byte choice)
    {
        choice = input.Length == 0 ? (byte)0 : input[0];
        return input.AsSpan(Math.Min(1, input.Length));
    }

    private static ReadOnlySpan<byte> NextPiece(ref ReadOnlySpan<byte> data, int length)
    {
        ReadOnlySpan<byte> piece = data[..Math.Min(length, data.Length)];
        data = data[piece.Length..];
        return piece;
    }
}
