using System.Buffers;
using Ocx.Gate.Packets;
using Ocx.Mcp.Buffers;
using Ocx.Mcp.Tcp;

namespace Ocx.Gate.Holding;

/// <summary>What becomes of bytes, from one of them on.</summary>
internal enum Treatment
{
    /// <summary>They go on as they are.</summary>
    Pass,

    /// <summary>They wait.</summary>
    Hold,

    /// <summary>They go on rewritten.</summary>
    Rewrite,
}

/// <summary>What another copy of bytes that went on is.</summary>
internal enum Repetition
{
    /// <summary>The same.</summary>
    Same,

    /// <summary>It was made the same.</summary>
    Changed,

    /// <summary>It says something else, or too little is known of the first one.</summary>
    Foreign,
}

/// <summary>
/// One direction of a connection as it passes the gate. New bytes are read in their order, whatever order their packets
/// come in; then each packet goes on, waits, or goes on in part. Of bytes that TCP sends again the first copy counts:
/// a later one can neither overtake it nor say something else.
/// </summary>
/// <param name="connection">Whose it is.</param>
/// <param name="exits">Where packets go.</param>
internal abstract class Flow(GateConnection connection, IPacketExits exits)
{
    // Packets that came too early; TCP sends again what finds no place.
    private const int MostEarly = 64;

    // Of an IP packet, and of one of several segments that the kernel hands over as one.
    private const int LongestPacket = 0x1FFFF;

    private readonly List<HeldPacket> _held = [];
    private readonly List<HeldPacket> _early = [];

    /// <summary>Where it is.</summary>
    public Direction At { get; } = new();

    /// <summary>True while a packet waits.</summary>
    public bool IsHolding => _held.Count > 0;

    /// <summary>A packet may go on, once its receiver has room for it.</summary>
    public bool WaitsForWindow { get; private set; }

    /// <summary>Whose it is.</summary>
    protected GateConnection Connection => connection;

    /// <summary>The packets that wait, in their order.</summary>
    protected IReadOnlyList<HeldPacket> Held => _held;

    /// <summary>Takes a packet with data, or a FIN.</summary>
    /// <param name="id">The queue's number of it.</param>
    /// <param name="tcp">It.</param>
    /// <param name="packet">The same as bytes.</param>
    /// <param name="now">Monotonic nanoseconds.</param>
    public void Take(uint id, in TcpPacket tcp, ReadOnlySpan<byte> packet, long now)
    {
        bool syn = tcp.Flags.HasFlag(TcpFlags.Syn);
        long start = At.OffsetOf(syn ? tcp.Sequence + 1 : tcp.Sequence),
            end = start + tcp.Payload.Length;
        bool fin = tcp.Flags.HasFlag(TcpFlags.Fin);
        if (start > At.Read)
        {
            TakeEarly(id, tcp, packet, start, end, now);
            return;
        }

        if (start < At.Read && end > At.Read && IsForeign(start, tcp.Payload[..(int)(At.Read - start)]))
        {
            exits.Drop(id);
            return;
        }

        if (end > At.Read)
        {
            ReadOnlySpan<byte> fresh = tcp.Payload[(int)(At.Read - start)..];
            Read(fresh, now);
            if (!connection.IsFollowed)
            {
                exits.Finish(id, connection.IsIgnored);
                return;
            }

            At.Read += fresh.Length;
        }
        else if (!fin || At.End >= 0)
        {
            Again(id, tcp, packet, start, end);
            return;
        }

        if (fin)
        {
            At.End = end;
        }

        Place(id, tcp, packet, start, end, now);
        TakeEarlyOnes(now);
    }

    /// <summary>Sends on what need not wait any more.</summary>
    /// <param name="now">Monotonic nanoseconds.</param>
    public void Advance(long now)
    {
        while (_held.Count > 0 && connection.IsFollowed)
        {
            HeldPacket first = _held[0];
            if (!TryPass(first, now))
            {
                return;
            }

            // It may have been given up meanwhile, with all that waits.
            if (_held.Count > 0 && _held[0] == first)
            {
                _held.RemoveAt(0);
            }

            first.Packet.Release();
        }
    }

    /// <summary>Lets go of everything: it goes on as it is, or nowhere.</summary>
    /// <param name="pass">Whether it goes on.</param>
    public void LetGo(bool pass)
    {
        foreach (HeldPacket held in _held)
        {
            if (held.Id is not { } id)
            {
                SendOwn(held, pass);
            }
            else
            {
                exits.Finish(id, pass);
            }

            held.Packet.Release();
        }

        foreach (HeldPacket early in _early)
        {
            exits.Finish(early.Id!.Value, pass);
            early.Packet.Release();
        }

        At.Passed = pass ? At.Read : At.Passed;
        _held.Clear();
        _early.Clear();
    }

    /// <summary>Drops packets that came too early and wait for those before them: TCP sends them again.</summary>
    /// <param name="until">Those that came before this time, in monotonic nanoseconds.</param>
    public void DropEarly(long until)
    {
        for (int i = _early.Count - 1; i >= 0; i--)
        {
            HeldPacket early = _early[i];
            if (early.Since < until)
            {
                exits.Drop(early.Id!.Value);
                early.Packet.Release();
                _early.RemoveAt(i);
            }
        }
    }

    /// <summary>What becomes of the byte at this place, and how far that holds.</summary>
    protected abstract Treatment Look(long offset, out long until);

    /// <summary>Reads new bytes, which are lent.</summary>
    protected abstract void Read(ReadOnlySpan<byte> fresh, long now);

    /// <summary>Rewrites bytes that go on, in their order; false when that cannot be, and all was given up.</summary>
    protected abstract bool Rewrite(long offset, Span<byte> bytes);

    /// <summary>Looks at another copy of bytes that went on, and makes it say the same as the first.</summary>
    protected abstract Repetition Repeat(long offset, Span<byte> bytes);

    /// <summary>Bytes between these places went on rewritten, or may have.</summary>
    protected abstract bool WasChanged(long start, long end);

    /// <summary>Sends bytes that came in a packet which went on without them.</summary>
    protected abstract void Send(long offset, ReadOnlySpan<byte> bytes, bool fin);

    /// <summary>A byte from this place on waits.</summary>
    protected abstract void NoteHeld(long offset, long now);

    // Old bytes before new ones: those that went on, and behind them those that wait. What the receiver has it does not
    // take once more.
    private bool IsForeign(long start, ReadOnlySpan<byte> old)
    {
        int passed = (int)Math.Clamp(At.Passed - start, 0, old.Length),
            received = (int)Math.Clamp(At.Acknowledged - start, 0, passed);
        if (received < passed)
        {
            byte[] copy = old[..passed].ToArray();
            if (
                Repeat(start + received, copy.AsSpan(received)) == Repetition.Foreign
                && Repeat(start, copy) == Repetition.Foreign
            )
            {
                return true;
            }
        }

        while (passed < old.Length)
        {
            int same = AgreesWithHeld(start + passed, old[passed..]);
            if (same == 0)
            {
                return true;
            }

            passed += same;
        }

        return false;
    }

    // TCP sends the newest ones again beside new ones.
    private int AgreesWithHeld(long offset, ReadOnlySpan<byte> bytes)
    {
        int same = 0;
        for (int i = _held.Count - 1; i >= 0 && same == 0; i--)
        {
            same = _held[i].Agrees(offset, bytes);
        }

        return same;
    }

    private void SendOwn(HeldPacket held, bool pass)
    {
        if (pass)
        {
            Send(held.Start, held.Packet.Span.Slice(held.PayloadOffset, held.Length), held.HasFin);
        }
    }

    private void TakeEarly(uint id, in TcpPacket tcp, ReadOnlySpan<byte> packet, long start, long end, long now)
    {
        HeldPacket? held = _early.Count < MostEarly ? Copy(id, tcp, packet, start, end, now) : null;
        if (held is null)
        {
            exits.Drop(id);
            return;
        }

        int place = _early.FindIndex(other => other.Start > start);
        _early.Insert(place < 0 ? _early.Count : place, held);
    }

    private void TakeEarlyOnes(long now)
    {
        while (_early.Count > 0 && _early[0].Start <= At.Read)
        {
            HeldPacket early = _early[0];
            _early.RemoveAt(0);
            ReadOnlySpan<byte> packet = early.Packet.Span;
            if (TcpPacket.TryParse(packet, out TcpPacket tcp))
            {
                Take(early.Id!.Value, tcp, packet, now);
            }

            early.Packet.Release();
        }
    }

    // New bytes, and perhaps old ones before them.
    private void Place(uint id, in TcpPacket tcp, ReadOnlySpan<byte> packet, long start, long end, long now)
    {
        if (
            !tcp.IsCut
            && _held.Count == 0
            && start == At.Passed
            && Look(start, out long until) == Treatment.Pass
            && until >= end
            && HasRoom(end)
        )
        {
            exits.Accept(id);
            At.Passed = end;
            return;
        }

        if (Copy(id, tcp, packet, start, end, now) is { } held)
        {
            _held.Add(held);
            Advance(now);
            if (_held.Contains(held))
            {
                NoteHeld(held.Start, now);
            }
        }
        else
        {
            exits.Drop(id); // TCP sends it again
            OnFull(start, now);
        }
    }

    /// <summary>The sender sends what is held once more.</summary>
    protected abstract void OnImpatient();

    /// <summary>There is no room to hold more.</summary>
    protected abstract void OnFull(long offset, long now);

    // Bytes that were read before.
    private void Again(uint id, in TcpPacket tcp, ReadOnlySpan<byte> packet, long start, long end)
    {
        if (start > At.Passed || (start == At.Passed && (end > start || At.End > At.Passed)))
        {
            // The first copy waits.
            exits.Drop(id);
            OnImpatient();
            return;
        }

        long sent = Math.Min(end, At.Passed);
        if (At.Acknowledged >= sent && sent == end && !WasChanged(start, end))
        {
            exits.Accept(id); // the receiver has it, and looks at the acknowledgment alone
            return;
        }

        byte[] rented = ArrayPool<byte>.Shared.Rent(packet.Length);
        Span<byte> copy = rented.AsSpan(0, packet.Length);
        packet.CopyTo(copy);
        switch (Repeat(start, copy.Slice(tcp.PayloadOffset, (int)(sent - start))))
        {
            case Repetition.Foreign:
                exits.Drop(id);
                break;
            case Repetition.Same when sent == end && !tcp.IsCut:
                exits.Accept(id);
                break;
            default:
                exits.Accept(id, copy[..TcpEdit.Shorten(copy, (int)(sent - start))]);
                break;
        }

        ArrayPool<byte>.Shared.Return(rented);
    }

    private HeldPacket? Copy(uint id, in TcpPacket tcp, ReadOnlySpan<byte> packet, long start, long end, long now)
    {
        var buffer = new PooledBuffer(connection.Budget, LongestPacket);
        if (!buffer.Append(packet))
        {
            buffer.Release();
            return null;
        }

        return new HeldPacket
        {
            Id = id,
            Since = now,
            Start = start,
            End = end,
            HasFin = tcp.Flags.HasFlag(TcpFlags.Fin),
            Packet = buffer,
            PayloadOffset = tcp.PayloadOffset,
            IsCut = tcp.IsCut,
        };
    }

    // What was acknowledged in the receiver's place is not sent again when it finds no room there, and a sender that
    // was acknowledged so sends more than the receiver has room for.
    private bool HasRoom(long end) => At.Promised == 0 || end <= At.Acknowledged + At.Window;

    // As much of it as need not wait; true when that is all.
    private bool TryPass(HeldPacket held, long now)
    {
        long passes = held.Start;
        bool rewritten = held.Start < At.Passed;
        Treatment treatment = Treatment.Pass;
        while (passes < held.End)
        {
            treatment = Look(Math.Max(passes, At.Passed), out long until);
            if (treatment == Treatment.Hold)
            {
                break;
            }

            rewritten |= treatment == Treatment.Rewrite;
            passes = Math.Min(until, held.End);
        }

        if (treatment == Treatment.Hold && passes <= Math.Max(held.Start, At.Passed))
        {
            return false;
        }

        WaitsForWindow = !HasRoom(passes);
        if (WaitsForWindow)
        {
            // While something is under way to it, the receiver will say when it has more room.
            long room = At.Acknowledged + At.Window;
            if (At.Acknowledged < At.Passed || room <= Math.Max(held.Start, At.Passed))
            {
                return false;
            }

            passes = room;
        }

        bool whole = passes == held.End;
        Span<byte> packet = held.Packet.Writable;
        if (rewritten && !RewriteTo(packet.Slice(held.PayloadOffset, held.Length), held.Start, passes))
        {
            return true; // given up
        }

        // Behind packets of the gate's own, which have the newest timestamp, an older one would be thrown away (PAWS).
        bool renewed = At.Promised > 0 && TcpEdit.Renew(packet, At.Timestamp);
        if (held.Id is not { } id)
        {
            Send(held.Start, packet.Slice(held.PayloadOffset, (int)(passes - held.Start)), whole && held.HasFin);
        }
        else if (!whole)
        {
            PassBeginning(id, packet, (int)(passes - held.Start));
            held.Id = null;
        }
        else if (rewritten || renewed || held.IsCut)
        {
            // Bytes that were not seen do not go on: TCP sends them again.
            exits.Accept(id, packet[..TcpEdit.Shorten(packet, held.Length)]);
        }
        else
        {
            exits.Accept(id);
        }

        At.Passed = Math.Max(At.Passed, passes);
        if (!whole)
        {
            held.PayloadOffset += (int)(passes - held.Start);
            held.Start = passes;
            NoteHeld(passes, now);
        }

        return whole;
    }

    private void PassBeginning(uint id, ReadOnlySpan<byte> packet, int length)
    {
        byte[] rented = ArrayPool<byte>.Shared.Rent(packet.Length);
        Span<byte> copy = rented.AsSpan(0, packet.Length);
        packet.CopyTo(copy);
        exits.Accept(id, copy[..TcpEdit.Shorten(copy, length)]);
        ArrayPool<byte>.Shared.Return(rented);
    }

    private bool RewriteTo(Span<byte> payload, long start, long end)
    {
        long offset = start;
        if (start < At.Passed)
        {
            long old = Math.Min(At.Passed, end);
            Repeat(start, payload[..(int)(old - start)]);
            offset = old;
        }

        while (offset < end)
        {
            Treatment treatment = Look(offset, out long until);
            long next = Math.Min(until, end);
            if (treatment == Treatment.Rewrite && !Rewrite(offset, payload[(int)(offset - start)..(int)(next - start)]))
            {
                return false;
            }

            offset = next;
        }

        return true;
    }
}
