using System.Globalization;
using System.Text;

namespace Ocx.State.Redis;

/// <summary>Reads values of RESP2 from a stream, and counts its bytes. What it keeps of them is bounded.</summary>
internal sealed class RespReader(Stream stream)
{
    private const int LongestKept = 1 << 20; // of one text
    private const int MostKept = 64 << 20; // of one value with all its members
    private const int LongestLine = 64 * 1024;
    private const int LongestText = 512 << 20; // Redis's own bound
    private const int MostItems = 16 << 20;
    private const int Deepest = 8;

    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _at;
    private int _end;
    private int _budget;

    /// <summary>How many bytes were read.</summary>
    public long Count { get; private set; }

    /// <summary>Reads a value.</summary>
    /// <exception cref="IOException">The stream ends, or says what is no RESP2.</exception>
    public Task<RespValue> ReadAsync(CancellationToken cancellation)
    {
        _budget = MostKept;
        return ReadAsync(0, cancellation);
    }

    private async Task<RespValue> ReadAsync(int depth, CancellationToken cancellation)
    {
        string line = await LineAsync(cancellation).ConfigureAwait(false);
        switch (line.Length == 0 ? '\n' : line[0])
        {
            case '\n': // a master's sign of life while it prepares
                return new RespValue { IsNil = true };
            case '+':
                return new RespValue { Bytes = Encoding.Latin1.GetBytes(line[1..]) };
            case '-':
                return new RespValue { Error = line[1..] };
            case ':':
                return new RespValue { Number = Number(line, long.MaxValue) };
            case '$':
                int length = (int)Number(line, LongestText);
                return length < 0
                    ? new RespValue { IsNil = true }
                    : await TextAsync(length, cancellation).ConfigureAwait(false);
            case '*' when depth < Deepest:
                int count = (int)Number(line, MostItems);
                if (count < 0)
                {
                    return new RespValue { IsNil = true };
                }

                var items = new List<RespValue>(Math.Min(count, 1024));
                for (int i = 0; i < count; i++)
                {
                    items.Add(await ReadAsync(depth + 1, cancellation).ConfigureAwait(false));
                }

                return new RespValue { Items = [.. items], IsCut = items.Exists(item => item.IsCut) };
            default:
                throw new IOException("the server does not speak RESP2");
        }
    }

    private static long Number(string line, long most) =>
        long.TryParse(line.AsSpan(1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)
        && number <= most
            ? number
            : throw new IOException("the server does not speak RESP2");

    private async Task<string> LineAsync(CancellationToken cancellation)
    {
        var line = new StringBuilder();
        while (true)
        {
            int feed = _buffer.AsSpan(_at, _end - _at).IndexOf((byte)'\n');
            int taken = feed < 0 ? _end - _at : feed;
            line.Append(Encoding.Latin1.GetString(_buffer, _at, taken));
            Take(feed < 0 ? taken : taken + 1);
            if (feed >= 0)
            {
                return line.ToString().TrimEnd('\r');
            }

            if (line.Length > LongestLine)
            {
                throw new IOException("the server does not speak RESP2");
            }

            await FillAsync(cancellation).ConfigureAwait(false);
        }
    }

    private async Task<RespValue> TextAsync(int length, CancellationToken cancellation)
    {
        byte[] text = new byte[Math.Min(length, Math.Min(LongestKept, _budget))];
        _budget -= text.Length;
        for (int have = 0; have < length; )
        {
            if (_at == _end)
            {
                await FillAsync(cancellation).ConfigureAwait(false);
            }

            int part = Math.Min(length - have, _end - _at);
            int kept = Math.Clamp(text.Length - have, 0, part);
            _buffer.AsSpan(_at, kept).CopyTo(text.AsSpan(Math.Min(have, text.Length)));
            Take(part);
            have += part;
        }

        await LineAsync(cancellation).ConfigureAwait(false);
        return new RespValue { Bytes = text, IsCut = text.Length < length };
    }

    private void Take(int count)
    {
        _at += count;
        Count += count;
    }

    private async Task FillAsync(CancellationToken cancellation)
    {
        _at = 0;
        _end = await stream.ReadAsync(_buffer.AsMemory(), cancellation).ConfigureAwait(false);
        if (_end == 0)
        {
            throw new IOException("the server closed the connection");
        }
    }
}
