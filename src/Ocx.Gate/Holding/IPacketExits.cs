namespace Ocx.Gate.Holding;

/// <summary>What can be done with packets that the kernel asks about, and with packets of the gate's own.</summary>
internal interface IPacketExits
{
    /// <summary>The packet goes on as it is.</summary>
    /// <param name="id">The queue's number for it.</param>
    void Accept(uint id);

    /// <summary>The packet goes on with these bytes in its place.</summary>
    /// <param name="id">The queue's number for it.</param>
    /// <param name="packet">The whole IP packet, with checksums that are right. It is lent.</param>
    void Accept(uint id, ReadOnlySpan<byte> packet);

    /// <summary>The packet goes nowhere.</summary>
    /// <param name="id">The queue's number for it.</param>
    void Drop(uint id);

    /// <summary>The packet goes on as it is, or nowhere.</summary>
    /// <param name="id">The queue's number for it.</param>
    /// <param name="pass">Whether it goes on.</param>
    void Finish(uint id, bool pass)
    {
        if (pass)
        {
            Accept(id);
        }
        else
        {
            Drop(id);
        }
    }

    /// <summary>Sends a packet of the gate's own, which passes no queue.</summary>
    /// <param name="packet">The whole IP packet, with checksums that are right. It is lent.</param>
    void Send(ReadOnlySpan<byte> packet);
}
