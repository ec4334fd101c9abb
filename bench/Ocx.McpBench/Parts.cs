using System.Diagnostics;
using System.Text.Json;
using System.Text.Unicode;
using Ocx.Mcp.Buffers;
using Ocx.Mcp.Http;
using Ocx.Mcp.JsonRpc;
using Ocx.Mcp.Redaction;
using Ocx.Mcp.Tcp;

namespace Ocx.McpBench;

/// <summary>
/// What single steps take of such messages, each alone: those of the whole way, and what stands for the least that they
/// could take. The messages are few enough to stay in the processor's caches.
/// </summary>
internal sealed class Parts
{
    private const int Calls = 256;
    private const int MostKept = 4096;
    private const int Passes = 200;

    private readonly Session _session = new(Calls);
    private readonly byte[] _copy = new byte[64 << 10];
    private readonly Range[] _payloads = new Range[2 * Calls];
    private readonly JsonRpcParser _parser = new(new Utf8StringCache());
    private readonly Redactor _redactor = new(new RedactionOptions());
    private readonly PooledBuffer _kept = new(new MemoryBudget(1 << 20), MostKept);
    private readonly HttpReader[] _readers = new HttpReader[2 * Session.Connections];
    private readonly Taken _taken = new();
    private readonly ConnectionTable _table;
    private long _now = 1_700_000_000_000_000_000;
    private uint _turn;
    private long _found;

    public Parts()
    {
        _table = new(new ReassemblyOptions(), new MemoryBudget(64 << 20), _ => _taken);
        for (int i = 0; i < _payloads.Length; i++)
        {
            Segment segment = _session.Segments[i];
            _parser.Parse(segment.Payload.AsSpan(segment.Body), truncated: false, out JsonRpcMessage message);
            _payloads[i] = message.Kind == JsonRpcKind.Request ? message.Arguments : message.Outcome;
        }

        var budget = new MemoryBudget(1 << 20);
        var strings = new Utf8StringCache();
        for (int i = 0; i < _readers.Length; i++)
        {
            _readers[i] = new(request: i % 2 == 0, budget, strings);
        }

        All =
        [
            ("copying each byte", Copy),
            ("UTF-8 validation of the bodies", ValidateUtf8),
            ("JSON tokens of the bodies, Utf8JsonReader", ReadPlatformTokens),
            ("JSON tokens of the bodies", ReadTokens),
            ("JSON-RPC messages", ReadMessages),
            ("HTTP heads and bodies", ReadHttp),
            ("TCP streams", Reassemble),
            ("redaction and the copy that is kept", Redact),
        ];
    }

    /// <summary>Each part by its name.</summary>
    public IReadOnlyList<(string Name, Action Pass)> All { get; }

    /// <summary>Nanoseconds a message in one pass.</summary>
    public double Measure(Action pass)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < Passes; i++)
        {
            pass();
        }

        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / Passes / _session.Segments.Length;
    }

    private void Copy()
    {
        foreach (ref readonly Segment segment in _session.Segments)
        {
            segment.Payload.CopyTo(_copy, 0);
        }
    }

    private void ValidateUtf8()
    {
        foreach (ref readonly Segment segment in _session.Segments)
        {
            Found(Utf8.IsValid(segment.Payload.AsSpan(segment.Body)));
        }
    }

    private void ReadPlatformTokens()
    {
        foreach (ref readonly Segment segment in _session.Segments)
        {
            var reader = new Utf8JsonReader(segment.Payload.AsSpan(segment.Body));
            while (reader.Read()) { }

            Found(reader.TokenType == JsonTokenType.EndObject);
        }
    }

    private void ReadTokens()
    {
        foreach (ref readonly Segment segment in _session.Segments)
        {
            var reader = new JsonTokens(segment.Payload.AsSpan(segment.Body));
            while (reader.Read()) { }

            Found(reader.TokenType == JsonTokenType.EndObject);
        }
    }

    private void ReadMessages()
    {
        foreach (ref readonly Segment segment in _session.Segments)
        {
            Found(_parser.Parse(segment.Payload.AsSpan(segment.Body), truncated: false, out _) == JsonRpcParse.Message);
        }
    }

    private void ReadHttp()
    {
        for (int i = 0; i < _session.Segments.Length; i++)
        {
            ReadOnlySpan<byte> input = _session.Segments[i].Payload;
            HttpReader reader = _readers[i % _readers.Length];
            HttpEvent found;
            do
            {
                found = reader.Read(ref input, out _);
            } while (found is HttpEvent.Head or HttpEvent.Body);

            Found(found == HttpEvent.End);
        }
    }

    // The connections go on from pass to pass.
    private void Reassemble()
    {
        long before = _taken.Bytes;
        for (int i = 0; i < _session.Segments.Length; i++)
        {
            (uint client, uint server) = _session.Sent[i / 2 % Session.Connections];
            (uint own, uint peer) = i % 2 == 0 ? (client, server) : (server, client);
            _table.Accept(_session.Segments[i].AsCaptured(_now += 10_000, _turn * own, _turn * peer));
        }

        _turn++;
        Found(_taken.Bytes - before == _session.Bytes);
    }

    private void Redact()
    {
        for (int i = 0; i < _payloads.Length; i++)
        {
            Segment segment = _session.Segments[i];
            Found(_redactor.Append(segment.Payload.AsSpan(segment.Body)[_payloads[i]], _kept));
            _kept.Release();
        }
    }

    private void Found(bool right) =>
        _found += right ? 1 : throw new InvalidOperationException($"message {_found} is not read");

    private sealed class Taken : IStreamSink
    {
        public long Bytes { get; private set; }

        public Worth Worth => Worth.Nothing;

        public bool IsMessageStart(ReadOnlySpan<byte> data) => true;

        public void OnBytes(int side, ReadOnlySpan<byte> data, long timeNs) => Bytes += data.Length;

        public void OnGap(int side, long missing, long timeNs) { }

        public void OnEnd(int side, long timeNs) { }

        public void OnClosed(bool shed, long timeNs) { }
    }
}
