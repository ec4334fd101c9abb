using System.Collections.Concurrent;
using Ocx.Gate.Holding;

namespace Ocx.Kernel.Tests.Gate;

/// <summary>
/// Decides on packets as a test says. What is held is released, in order, when the test says so, or the queue closes.
/// </summary>
internal sealed class PacketDecider(IPacketExits exits, PacketDecider.Decide decide) : IPacketConsumer
{
    private readonly ConcurrentQueue<uint> _held = new();
    private volatile bool _isReleased;

    /// <summary>Gives a packet its verdict.</summary>
    /// <returns>Whether it did; else the packet is held.</returns>
    public delegate bool Decide(IPacketExits exits, uint id, bool isInput, ReadOnlySpan<byte> packet);

    public int Held => _held.Count;

    public long NextTickNs => long.MaxValue;

    public void OnPacket(uint id, bool isInput, bool isUnverified, ReadOnlySpan<byte> packet)
    {
        if (!_isReleased && !decide(exits, id, isInput, packet))
        {
            _held.Enqueue(id);
        }
        else if (_isReleased)
        {
            exits.Accept(id);
        }
    }

    /// <summary>Whether it gives no verdicts when the queue closes, as if it had been killed.</summary>
    public bool IsAbandoned { get; set; }

    /// <summary>From the next call on the queue's thread on, all pass.</summary>
    public void Release() => _isReleased = true;

    public void OnFlushed() { }

    public void OnWake()
    {
        if (_isReleased)
        {
            OnStop();
        }
    }

    public void Tick(long nowNs) => Assert.Fail("nobody asked for it");

    public void OnStop()
    {
        while (!IsAbandoned && _held.TryDequeue(out uint id))
        {
            exits.Accept(id);
        }
    }
}
