using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Ocx.Text;

/// <summary>Texts that are hashed together: what a token or an approval is bound to.</summary>
public static class HashedTexts
{
    /// <summary>
    /// Appends a number and texts. Each text is preceded by its length, so that none can give characters to its
    /// neighbour.
    /// </summary>
    /// <param name="hash">The hash.</param>
    /// <param name="number">A number, as eight bytes in network order.</param>
    /// <param name="texts">The texts.</param>
    public static void Append(this IncrementalHash hash, long number, params ReadOnlySpan<string> texts)
    {
        ArgumentNullException.ThrowIfNull(hash);
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        hash.AppendData(bytes);
        foreach (string text in texts)
        {
            BinaryPrimitives.WriteInt64BigEndian(bytes, text.Length);
            hash.AppendData(bytes);
            // As UTF-16, for UTF-8 would make all halves of pairs the same.
            hash.AppendData(MemoryMarshal.AsBytes(text.AsSpan()));
        }
    }
}
