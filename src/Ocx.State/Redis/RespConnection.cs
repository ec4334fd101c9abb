using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Ocx.State.Redis;

/// <summary>
/// A connection to a Redis server. For one task at a time. Replication's own commands are needed, which clients for
/// applications do not offer.
/// </summary>
internal sealed class RespConnection : IDisposable
{
    private readonly NetworkStream _stream;

    private RespConnection(Socket socket)
    {
        _stream = new NetworkStream(socket, ownsSocket: true);
        Reader = new RespReader(_stream);
    }

    /// <summary>What comes from the server.</summary>
    public RespReader Reader { get; }

    /// <summary>Connects to a host.</summary>
    public static async Task<RespConnection> ConnectAsync(string host, int port, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        return await ConnectedAsync(socket, () => socket.ConnectAsync(host, port, cancellation).AsTask())
            .ConfigureAwait(false);
    }

    /// <summary>Connects to a Unix socket.</summary>
    public static async Task<RespConnection> ConnectAsync(string path, CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        return await ConnectedAsync(
                socket,
                () => socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation).AsTask()
            )
            .ConfigureAwait(false);
    }

    /// <summary>Asks for one thing.</summary>
    /// <exception cref="RespException">The server refuses.</exception>
    public async Task<RespValue> AskAsync(CancellationToken cancellation, params string[] command)
    {
        await SendAsync(
                [
                    [.. command.Select(Encoding.UTF8.GetBytes)],
                ],
                cancellation
            )
            .ConfigureAwait(false);
        return await AnswerAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Asks for many things at once, and gets the answers in their order; errors stand among them.</summary>
    public async Task<RespValue[]> AskAllAsync(IReadOnlyList<byte[][]> commands, CancellationToken cancellation)
    {
        var sending = Task.Run(() => SendAsync(commands, cancellation), cancellation);
        var answers = new RespValue[commands.Count];
        for (int i = 0; i < answers.Length; i++)
        {
            answers[i] = await Reader.ReadAsync(cancellation).ConfigureAwait(false);
        }

        await sending.ConfigureAwait(false);
        return answers;
    }

    /// <summary>Sends without waiting for an answer.</summary>
    public async Task SendAsync(IReadOnlyList<byte[][]> commands, CancellationToken cancellation)
    {
        using var text = new MemoryStream();
        foreach (byte[][] command in commands)
        {
            Line(text, '*', command.Length);
            foreach (byte[] part in command)
            {
                Line(text, '$', part.Length);
                text.Write(part);
                text.Write("\r\n"u8);
            }
        }

        await _stream.WriteAsync(text.GetBuffer().AsMemory(0, (int)text.Length), cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private async Task<RespValue> AnswerAsync(CancellationToken cancellation)
    {
        RespValue answer = await Reader.ReadAsync(cancellation).ConfigureAwait(false);
        return answer.Error is null ? answer : throw new RespException(answer.Error);
    }

    private static async Task<RespConnection> ConnectedAsync(Socket socket, Func<Task> connect)
    {
        try
        {
            await connect().ConfigureAwait(false);
            return new RespConnection(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static void Line(MemoryStream text, char kind, int number) =>
        text.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{kind}{number}\r\n")));
}
