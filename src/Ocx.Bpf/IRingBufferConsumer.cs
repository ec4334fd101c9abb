namespace Ocx.Bpf;

/// <summary>Receives a ring buffer's records.</summary>
public interface IRingBufferConsumer
{
    /// <summary>Takes one record. The memory is the ring's own and is lent for the duration of the call.</summary>
    void OnRecord(ReadOnlySpan<byte> record);
}
