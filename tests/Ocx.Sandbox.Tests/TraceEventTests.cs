using System.Net.Sockets;
using Ocx.Audit.Rehearsals;
using Ocx.Sandbox.Events;

namespace Ocx.Sandbox.Tests;

/// <summary>Messages of gVisor's runtime monitoring, and what only looks like them.</summary>
public sealed class TraceEventTests
{
    // Header of 8 bytes, type 10, nothing lost; exit { errorno: 101 }, address of 169.254.169.254:80.
    private static readonly byte[] s_connect =
    [
        8,
        0,
        10,
        0,
        0,
        0,
        0,
        0,
        0x12,
        2,
        0x10,
        101,
        0x32,
        16,
        2,
        0,
        0,
        80,
        169,
        254,
        169,
        254,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
    ];

    // Type 3, 5 lost; binary_path "/bin/sh", argv "secret".
    private static readonly byte[] s_execute =
    [
        8,
        0,
        3,
        0,
        5,
        0,
        0,
        0,
        0x12,
        7,
        .. "/bin/sh"u8,
        0x1a,
        6,
        .. "secret"u8,
    ];

    [Fact]
    public void A_connection_is_read() =>
        Assert.Equal(
            new TraceEvent(null, new ConnectionTry("169.254.169.254", 80, IsRefused: true), 0),
            TraceEvent.Read(s_connect)
        );

    [Fact]
    public void A_program_is_read() => Assert.Equal(new TraceEvent("/bin/sh", null, 5), TraceEvent.Read(s_execute));

    [Fact]
    public void A_longer_header_of_a_later_version_is_passed_over()
    {
        byte[] later = [12, .. s_connect.AsSpan(1, 7), 1, 2, 3, 4, .. s_connect.AsSpan(8)];
        Assert.Equal(TraceEvent.Read(s_connect), TraceEvent.Read(later));
    }

    [Fact]
    public void A_path_cannot_forge_a_line()
    {
        byte[] message = [.. s_execute.AsSpan(0, 8), 0x12, 3, (byte)'a', (byte)'\n', (byte)'b'];
        Assert.Equal("a\\nb", TraceEvent.Read(message)!.Value.Program);
    }

    [Fact]
    public void Broken_messages_are_none_and_nothing_else_happens()
    {
        var random = new Random(20240729);
        foreach (byte[] whole in (byte[][])[s_connect, s_execute])
        {
            for (int length = 0; length < whole.Length; length++)
            {
                TraceEvent.Read(whole.AsMemory(0, length));
            }

            for (int i = 0; i < 20_000; i++)
            {
                byte[] broken = [.. whole];
                broken[random.Next(broken.Length)] = (byte)random.Next(256);
                broken[random.Next(broken.Length)] = (byte)random.Next(256);
                TraceEvent.Read(broken);
            }
        }
    }

    [Fact]
    public void What_is_told_is_bounded()
    {
        var window = new TraceWindow();
        for (int i = 1; i <= 10_000; i++)
        {
            window.Add(new TraceEvent($"/bin/{i}", new ConnectionTry("10.0.0.1", i, IsRefused: true), 0));
        }

        Assert.Equal(EffectsLimits.Paths, window.Processes().Started.Count);
        Assert.True(window.Processes().IsCut);
        Assert.Equal(EffectsLimits.Connections, window.Network().Tried.Count);
        Assert.True(window.Network().IsCut);
    }

    [Fact]
    public void Only_what_happens_between_beginning_and_end_counts()
    {
        string path = Path.Combine(Path.GetTempPath(), $"ocx-trace-{Guid.NewGuid():N}");
        try
        {
            using var events = TraceSocket.Listen(path);
            Assert.Null(events.End());
            using var sentry = new Socket(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
            sentry.Connect(new UnixDomainSocketEndPoint(path));
            sentry.Send([0x08, 0x01]);
            byte[] answer = new byte[16];
            Assert.Equal(2, sentry.Receive(answer));
            sentry.Send(s_connect);
            events.Begin();
            sentry.Send(s_execute);
            TraceWindow window = events.End()!;
            Assert.Equal(["/bin/sh"], window.Processes().Started);
            Assert.Empty(window.Network().Tried);
            // It says that messages were lost: what is told is not all.
            Assert.True(window.Network().IsCut);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
