using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Ocx.Audit.Rehearsals;
using Ocx.Sandbox.Networks;
using Ocx.Sandbox.Tests.Harness;

namespace Ocx.Sandbox.Tests;

/// <summary>What a sandbox reaches: its own loopback, and the clones that it was given.</summary>
public sealed class NetworkTests(Machine machine)
{
    [Fact]
    public async Task Nothing_beyond_is_reached_and_each_try_is_told()
    {
        (string Host, int Port)[] beyond =
        [
            ("169.254.169.254", 80),
            ("8.8.8.8", 53),
            ("10.0.0.1", 443),
            ("2001:4860:4860::8888", 443),
        ];
        RehearsalEvidence evidence = await ConnectAsync(beyond);
        Assert.Equal(beyond.Length, Machine.TextOf(evidence).Split('\n').Length);
        Assert.All(
            Machine.TextOf(evidence).Split('\n'),
            end => Assert.Contains(end, (string[])["ENETUNREACH", "EADDRNOTAVAIL"])
        );
        Assert.Equal(
            beyond.Select(to => new ConnectionTry(to.Host, to.Port, IsRefused: true)),
            evidence.Effects.Network!.Tried
        );
        Assert.False(evidence.Effects.Network.IsCut);
    }

    [Fact]
    public async Task What_listens_on_the_hosts_loopback_is_not_reached()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        int port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        RehearsalEvidence evidence = await ConnectAsync([("127.0.0.1", port)]);
        Assert.Equal("ECONNREFUSED", Machine.TextOf(evidence));
        Assert.False(listener.Poll(0, SelectMode.SelectRead));
    }

    [Fact]
    public async Task A_clone_is_reached_on_its_port()
    {
        using var clone = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        clone.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        clone.Listen();
        await AssertAnswersAsync(clone, clone.LocalEndPoint!);
    }

    [Fact]
    public async Task A_clone_on_a_unix_socket_is_reached_on_its_port()
    {
        string path = Path.Combine(machine.State, "clone");
        using var clone = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        clone.Bind(new UnixDomainSocketEndPoint(path));
        clone.Listen();
        await AssertAnswersAsync(clone, new UnixDomainSocketEndPoint(path));
        File.Delete(path);
    }

    [Fact]
    public async Task A_clone_that_is_gone_is_a_connection_that_ends()
    {
        RehearsalEvidence evidence = await machine.CallAsync(
            Machine.Hostile,
            "connect",
            """{"to":[["127.0.0.1",5432]],"say":"hello"}""",
            forwards: new CloneForward(5432, new UnixDomainSocketEndPoint("/nowhere"))
        );
        Assert.Contains(Machine.TextOf(evidence), (string[])["connected", "ECONNRESET", "EPIPE"]);
        Assert.Equal([new ConnectionTry("127.0.0.1", 5432, IsRefused: false)], evidence.Effects.Network!.Tried);
    }

    [Fact]
    public async Task Unix_sockets_of_the_host_are_of_no_use()
    {
        // In a folder that the sandbox has, readable for all.
        string folder = Directory.CreateTempSubdirectory("ocx-sandbox-socket-").FullName;
        string path = Path.Combine(folder, "socket");
        try
        {
            using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(new UnixDomainSocketEndPoint(path));
            listener.Listen();
            File.SetUnixFileMode(folder, (UnixFileMode)0x1ff);
            File.SetUnixFileMode(path, (UnixFileMode)0x1ff);
            RehearsalEvidence evidence = await machine.CallAsync(
                Machine.Hostile with
                {
                    Folders = [.. Machine.Hostile.Folders, new(folder, "/opt/socket")],
                },
                "unix",
                """{"path":"/opt/socket/socket"}"""
            );
            Assert.Contains(Machine.TextOf(evidence), (string[])["ECONNREFUSED", "EACCES", "EPERM", "ENOENT"]);
            Assert.False(listener.Poll(0, SelectMode.SelectRead));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private Task<RehearsalEvidence> ConnectAsync((string Host, int Port)[] to) =>
        machine.CallAsync(
            Machine.Hostile,
            "connect",
            JsonSerializer.Serialize(new { to = to.Select(one => (object[])[one.Host, one.Port]) })
        );

    private async Task AssertAnswersAsync(Socket clone, EndPoint target)
    {
        Task<string> heard = AnswerOnceAsync(clone);
        RehearsalEvidence evidence = await machine.CallAsync(
            Machine.Hostile,
            "connect",
            """{"to":[["127.0.0.1",5432]],"say":"hello"}""",
            forwards: new CloneForward(5432, target)
        );
        Assert.Equal("read hello too", Machine.TextOf(evidence));
        Assert.Equal("hello", await heard.WaitAsync(TestContext.Current.CancellationToken));
        Assert.Equal([new ConnectionTry("127.0.0.1", 5432, IsRefused: false)], evidence.Effects.Network!.Tried);
    }

    private static async Task<string> AnswerOnceAsync(Socket listener)
    {
        using Socket connection = await listener.AcceptAsync(TestContext.Current.CancellationToken);
        byte[] buffer = new byte[100];
        int read = await connection.ReceiveAsync(buffer);
        await connection.SendAsync("hello too"u8.ToArray());
        return Encoding.UTF8.GetString(buffer, 0, read);
    }
}
