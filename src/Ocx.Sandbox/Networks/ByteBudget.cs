namespace Ocx.Sandbox.Networks;

/// <summary>How many bytes of a sandbox are listened to.</summary>
/// <param name="bytes">So many.</param>
internal sealed class ByteBudget(long bytes)
{
    private long _left = bytes;

    /// <summary>Is it used up?</summary>
    public bool IsSpent => Interlocked.Read(ref _left) < 0;

    /// <summary>Takes some.</summary>
    /// <returns>The same number.</returns>
    /// <exception cref="IOException">It is used up.</exception>
    public int Charge(int read) =>
        Interlocked.Add(ref _left, -read) >= 0 ? read : throw new IOException("the sandbox says too much");
}
