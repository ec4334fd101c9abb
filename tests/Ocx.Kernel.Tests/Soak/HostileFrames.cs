using System.Net;
using Ocx.Kernel.Tests.Harness;
using Ocx.Tests.Captures;

namespace Ocx.Kernel.Tests.Soak;

/// <summary>
/// Frames that no TCP stack of this machine made: the captures from the field, sent again and again with random pauses,
/// and floods of connection attempts. The receiver's stack ignores them; the tap sees them.
/// </summary>
internal sealed class HostileFrames(VethPair pair, int seed)
{
    private const int FloodLength = 500;

    private readonly Random _random = new(seed);
    private readonly IReadOnlyList<(TimeSpan At, byte[] Frame)>[] _captures =
    [
        .. FieldCaptures.All.Select(PcapFile.Read),
    ];

    /// <summary>Frames sent so far.</summary>
    public long Sent { get; private set; }

    /// <summary>Sends until it is cancelled.</summary>
    public async Task SendAsync(CancellationToken cancellation)
    {
        using var link = new RawLink(pair.Client, "client0");
        while (!cancellation.IsCancellationRequested)
        {
            IReadOnlyList<(TimeSpan At, byte[] Frame)> capture = _captures[_random.Next(_captures.Length)];
            // Whole, or with frames missing, or in another order.
            int kind = _random.Next(4);
            IEnumerable<byte[]> frames = capture
                .Select(packet => packet.Frame)
                .Where(_ => kind != 1 || _random.Next(4) > 0);
            Send(link, kind == 2 ? [.. frames.OrderBy(_ => _random.Next())] : frames);
            if (_random.Next(8) == 0)
            {
                Send(link, Flood());
            }
            await Task.Delay(_random.Next(5, 60), cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Send(RawLink link, IEnumerable<byte[]> frames)
    {
        foreach (byte[] frame in frames)
        {
            link.Send(frame);
            Sent++;
        }
    }

    private IEnumerable<byte[]> Flood() =>
        Enumerable
            .Range(0, FloodLength)
            .Select(_ =>
                new TcpFrame
                {
                    Source = new IPAddress([192, 0, 2, (byte)_random.Next(256)]),
                    SourcePort = (ushort)_random.Next(1024, 65536),
                    Sequence = (uint)_random.Next(),
                    Flags = 2,
                    Payload = [],
                }.ToBytes()
            );
}
