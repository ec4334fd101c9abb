using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;

namespace Ocx.Text;

/// <summary>
/// The canonical form of a JSON value (RFC 8785, JCS): one text, and so one digest, for a value however it was spelled.
/// Members stand in the order of their names' UTF-16 units, numbers as ECMAScript writes them, strings with the fewest
/// escapes, and nothing between tokens.
/// <para>
/// Refused is what two readers could take for two values: a name that stands twice in an object, half a surrogate pair,
/// broken UTF-8, a number beyond a double, and an integer that a double does not keep (9007199254740993 would have the
/// digest of 9007199254740992, and most servers tell the two apart). So is nesting beyond <see
/// cref="WireJson.MaxDepth"/>.
/// </para>
/// <para>The text may be hostile: time is O(n log n) in its bytes, memory O(n), whatever it holds.</para>
/// </summary>
public static class CanonicalJson
{
    /// <summary>Bytes of a digest.</summary>
    public const int DigestLength = SHA256.HashSizeInBytes;

    /// <summary>Writes a value's canonical form; nothing when it is refused.</summary>
    /// <param name="json">The text of one value, of any provenance.</param>
    /// <param name="to">Where the canonical form goes: UTF-8 without a line break.</param>
    /// <returns>False when the text is no JSON value, or one that has no canonical form.</returns>
    public static bool TryWrite(ReadOnlySpan<byte> json, IBufferWriter<byte> to)
    {
        ArgumentNullException.ThrowIfNull(to);
        using var tree = new CanonicalJsonTree(json.Length);
        if (!tree.TryRead(json))
        {
            return false;
        }

        tree.Write(to);
        return true;
    }

    /// <summary>The SHA-256 of a value's canonical form.</summary>
    /// <param name="json">The text of one value, of any provenance.</param>
    /// <param name="sha256">At least <see cref="DigestLength"/> bytes, of which the first that many are written.</param>
    /// <returns>False when the text is no JSON value, or one that has no canonical form.</returns>
    public static bool TryDigest(ReadOnlySpan<byte> json, Span<byte> sha256)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sha256.Length, DigestLength);
        using var hash = new HashingWriter();
        return TryWrite(json, hash) && hash.TryFinish(sha256);
    }

    /// <summary>
    /// Is the text in canonical form already? Much cheaper than writing it anew, and without allocation, unless a name
    /// in it has an escape.
    /// </summary>
    /// <param name="json">The text of one value, of any provenance.</param>
    public static bool IsCanonical(ReadOnlySpan<byte> json)
    {
        try
        {
            return CanonicalJsonCheck.Look(json) switch
            {
                CanonicalJsonCheck.Answer.Yes => true,
                CanonicalJsonCheck.Answer.No => false,
                _ => IsWrittenTheSame(json),
            };
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool IsWrittenTheSame(ReadOnlySpan<byte> json)
    {
        var written = new ArrayBufferWriter<byte>(json.Length);
        return TryWrite(json, written) && json.SequenceEqual(written.WrittenSpan);
    }

    // Hashes what is written into it, so that the canonical form need not exist as a whole.
    private sealed class HashingWriter : IBufferWriter<byte>, IDisposable
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private byte[] _buffer = ArrayPool<byte>.Shared.Rent(4096);

        public void Advance(int count) => _hash.AppendData(_buffer.AsSpan(0, count));

        public Memory<byte> GetMemory(int sizeHint = 0) => Room(sizeHint);

        public Span<byte> GetSpan(int sizeHint = 0) => Room(sizeHint);

        public bool TryFinish(Span<byte> sha256) => _hash.TryGetHashAndReset(sha256, out _);

        public void Dispose()
        {
            _hash.Dispose();
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }

        private byte[] Room(int size)
        {
            if (size > _buffer.Length)
            {
                ArrayPool<byte>.Shared.Return(_buffer);
                _buffer = ArrayPool<byte>.Shared.Rent(size);
            }

            return _buffer;
        }
    }
}
