using System.Buffers.Text;
using System.Net.Sockets;
using System.Text;

namespace Ocx.GateBench.Calls;

/// <summary>Reads one message after the other from a connection, each with its Content-Length.</summary>
internal sealed class HttpMessages(Socket socket)
{
    // A head has less than this: no more of a long body is looked at.
    private const int LongestHead = 4096;

    private readonly byte[] _buffer = new byte[McpText.BigLength + (64 << 10)];
    private int _head;
    private int _length;

    /// <summary>The head of the last message.</summary>
    public ReadOnlySpan<byte> Head => _buffer.AsSpan(0, _head);

    /// <summary>The body of the last message.</summary>
    public ReadOnlySpan<byte> Body => _buffer.AsSpan(_head, _length - _head);

    /// <summary>Waits for a message. Nothing may come behind it: who asks waits for the answer.</summary>
    /// <returns>False when the connection ended before it.</returns>
    /// <exception cref="SocketException">It took too long.</exception>
    public bool Read()
    {
        (_head, _length) = (0, int.MaxValue);
        for (int received = 0; received < _length; )
        {
            int more = socket.Receive(_buffer, received, _buffer.Length - received, SocketFlags.None);
            if (more == 0)
            {
                return received == 0 ? false : throw new IOException("the connection broke");
            }
            received += more;
            if (_head == 0 && FindHead(_buffer.AsSpan(0, Math.Min(received, LongestHead))))
            {
                _length = _head + ContentLength();
            }
            if (received > _length)
            {
                throw new IOException("more than one message came");
            }
        }
        return true;
    }

    /// <summary>The value of a header of the last message.</summary>
    public string Header(string name)
    {
        string head = Encoding.ASCII.GetString(Head);
        int at = head.IndexOf($"\r\n{name}: ", StringComparison.OrdinalIgnoreCase);
        return at < 0 ? "" : head[(at + name.Length + 4)..head.IndexOf('\r', at + 2)];
    }

    private bool FindHead(ReadOnlySpan<byte> received)
    {
        int end = received.IndexOf("\r\n\r\n"u8);
        _head = end + 4;
        return end >= 0 || (_head = 0) != 0;
    }

    private int ContentLength()
    {
        ReadOnlySpan<byte> head = Head;
        // The SDK writes small letters, servers and proxies a capital.
        int at = head.IndexOf("ontent-"u8);
        for (; at >= 0; at = Next(head, at))
        {
            ReadOnlySpan<byte> rest = head[(at + 7)..];
            if ((rest[0] | 0x20) == 'l' && rest[1..].StartsWith("ength: "u8))
            {
                return Utf8Parser.TryParse(rest[8..], out int length, out _)
                    ? length
                    : throw new IOException("no length");
            }
        }
        throw new IOException($"a message without its length: {Encoding.ASCII.GetString(head)}");
    }

    private static int Next(ReadOnlySpan<byte> head, int at)
    {
        int next = head[(at + 1)..].IndexOf("ontent-"u8);
        return next < 0 ? next : at + 1 + next;
    }
}
