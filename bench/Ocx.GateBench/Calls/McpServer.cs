using System.Net;
using System.Net.Sockets;
using System.Text;
using Ocx.Netfilter;

namespace Ocx.GateBench.Calls;

/// <summary>
/// An MCP server over Streamable HTTP, with a thread for each connection. Its tools whose names end in "row" answer at
/// once, in "slow" after 20 ms, in "big" with 1 MiB.
/// </summary>
internal sealed class McpServer(NetworkNamespace network, IPEndPoint address)
{
    private const int SlowMs = 20;

    // As the SDK begins the body of a call.
    private static ReadOnlySpan<byte> Call => "{\"method\":\"tools/call\",\"params\":{\"name\":\""u8;

    private readonly Socket _listener = network.Run(() =>
        new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
    );

    public void Start()
    {
        _listener.Bind(address);
        _listener.Listen();
        new Thread(() =>
        {
            while (true)
            {
                Socket connection = _listener.Accept();
                connection.NoDelay = true;
                new Thread(() => Serve(connection)) { IsBackground = true }.Start();
            }
        })
        {
            IsBackground = true,
        }.Start();
    }

    private static void Serve(Socket connection)
    {
        string session = Guid.NewGuid().ToString();
        var answers = new Dictionary<string, (byte[] Bytes, int[] Ids)>(StringComparer.Ordinal);
        var known = answers.GetAlternateLookup<ReadOnlySpan<char>>();
        var messages = new HttpMessages(connection);
        Span<char> name = stackalloc char[64];
        try
        {
            while (messages.Read())
            {
                ReadOnlySpan<byte> body = messages.Body;
                if (body.StartsWith(Call))
                {
                    ReadOnlySpan<byte> rest = body[Call.Length..];
                    Span<char> tool = name[..Encoding.ASCII.GetChars(rest[..rest.IndexOf((byte)'"')], name)];
                    if (!known.TryGetValue(tool, out var answer))
                    {
                        byte[] made = McpText.Answer(session, tool.ToString());
                        known[tool] = answer = (made, McpText.Ids(made));
                    }
                    McpText.SetId(answer.Bytes, answer.Ids, McpText.Id(body));
                    if (tool.EndsWith("slow"))
                    {
                        Thread.Sleep(SlowMs);
                    }
                    connection.Send(answer.Bytes);
                }
                else
                {
                    connection.Send(
                        body.IndexOf("\"initialize\""u8) >= 0 ? McpText.Welcome(session) : McpText.Accepted
                    );
                }
            }
        }
        catch (Exception gone) when (gone is SocketException or IOException)
        {
            // The client has what it wanted.
        }
        finally
        {
            connection.Dispose();
        }
    }
}
