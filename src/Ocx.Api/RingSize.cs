using Ocx.Text;

namespace Ocx.Api;

/// <summary>
/// The sizes that a ring buffer may have: powers of two from 64Ki to 1Gi, written as Kubernetes writes quantities.
/// </summary>
public static class RingSize
{
    private const long Smallest = 64L << 10;
    private const long Largest = 1L << 30;

    /// <summary>Parses a size.</summary>
    /// <param name="text">A size such as <c>16Mi</c>.</param>
    /// <returns>The bytes.</returns>
    /// <exception cref="FormatException">It is no such size.</exception>
    public static long ToBytes(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var hasUnit = text.EndsWith('i');
        return
            hasUnit
            && ByteSize.TryParse(text, out var bytes)
            && bytes is >= Smallest and <= Largest
            && long.IsPow2(bytes)
            ? bytes
            : throw new FormatException($"The ring size '{text}' is no power of two from 64Ki to 1Gi.");
    }

    /// <summary>The size to try when a ring of this size overflows.</summary>
    /// <param name="text">The present size.</param>
    /// <returns>Twice the size; null at the largest, or when the present size is none.</returns>
    public static string? NextLarger(string text) =>
        ByteSize.TryParse(text, out var bytes) && bytes is >= Smallest and < Largest
            ? ByteSize.Format(bytes * 2)
            : null;
}
