using System.Globalization;
using System.Text;
using Ocx.Mcp.Buffers;
using Ocx.Mcp.Tcp;

namespace Ocx.Mcp.Tests.Tcp;

/// <summary>Writes down what reassembly delivers: bytes as text, gaps as <c>{n}</c>.</summary>
public sealed class RecordingSink : IStreamSink
{
    private readonly StringBuilder[] _sides = [new(), new()];

    public string FromClient => _sides[0].ToString();

    public string FromServer => _sides[1].ToString();

    public List<string> Order { get; } = [];

    public int Ends { get; private set; }

    public bool Closed { get; private set; }

    public bool IsMessageStart(ReadOnlySpan<byte> data) => data.StartsWith("START"u8);

    public void OnBytes(int side, ReadOnlySpan<byte> data, long timeNs)
    {
        string text = Encoding.Latin1.GetString(data);
        _sides[side].Append(text);
        Order.Add((side == 0 ? ">" : "<") + text);
    }

    public void OnGap(int side, long missing, long timeNs) =>
        _sides[side].Append(CultureInfo.InvariantCulture, $"{{{missing}}}");

    public void OnEnd(int side, long timeNs) => Ends++;

    public void OnClosed(bool shed, long timeNs) => Closed = true;

    public Worth Worth { get; set; }
}

/// <summary>A table with one recorded connection.</summary>
public sealed class Recorder
{
    public const long Millisecond = 1_000_000;

    public Recorder(ReassemblyOptions? options = null, long budget = 64 << 20, Worth worth = Worth.Nothing)
    {
        Budget = new(budget);
        Table = new(
            options ?? new(),
            Budget,
            _ =>
            {
                Sinks.Add(new() { Worth = worth });
                return Sinks[^1];
            }
        );
    }

    public MemoryBudget Budget { get; }

    public ConnectionTable Table { get; }

    public List<RecordingSink> Sinks { get; } = [];

    public RecordingSink Sink => Sinks[^1];

    public long Now { get; set; } = 1_700_000_000_000_000_000;

    public Recorder Feed(Wire wire, IEnumerable<Sent> log, long stepNs = 1000)
    {
        foreach (Sent sent in log)
        {
            Table.Accept(wire.At(sent, Now += stepNs));
        }

        return this;
    }
}
