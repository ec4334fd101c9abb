using System.Buffers.Binary;
using System.Security.Cryptography;
using Ocx.Text;

namespace Ocx.Audit.Tokens;

/// <summary>
/// The keys of revert tokens. The first makes them, all of them read them: to rotate, put a new one first, and take the
/// old one away when its last token has expired. A key's name is taken from the key itself, so that nobody has to
/// number them.
/// </summary>
public sealed class RevertKeyRing
{
    /// <summary>The least length of a key, in bytes: that of SHA-256.</summary>
    public const int MinKeyLength = 32;

    private readonly Dictionary<uint, byte[]> _keys = [];

    /// <summary>With these keys; the first makes new tokens.</summary>
    /// <exception cref="ArgumentException">There is none, one is too short, or two have the same name.</exception>
    public RevertKeyRing(params IReadOnlyList<ReadOnlyMemory<byte>> keys)
    {
        if (keys.Count == 0)
        {
            throw new ArgumentException("revert tokens need a key");
        }

        foreach (ReadOnlyMemory<byte> key in keys)
        {
            if (key.Length < MinKeyLength)
            {
                throw new ArgumentException($"a key of revert tokens has at least {MinKeyLength} bytes");
            }

            if (!_keys.TryAdd(NameOf(key.Span), key.ToArray()))
            {
                throw new ArgumentException("a key of revert tokens stands there twice");
            }
        }

        Current = NameOf(keys[0].Span);
    }

    /// <summary>The name of the key that makes new tokens.</summary>
    internal uint Current { get; }

    internal bool Has(uint key) => _keys.ContainsKey(key);

    /// <summary>HMAC-SHA-256 over a token's head and what it is bound to.</summary>
    internal void Authenticate(uint key, ReadOnlySpan<byte> head, RevertBinding binding, Span<byte> mac)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _keys[key]);
        hash.AppendData("ocx revert token 1"u8);
        hash.AppendData(head);
        hash.Append(
            binding.Generation,
            binding.Call,
            binding.Caller,
            binding.Server,
            binding.Method,
            binding.Tool,
            binding.ArgumentsDigest,
            binding.Audit
        );
        hash.GetHashAndReset(mac);
    }

    private static uint NameOf(ReadOnlySpan<byte> key)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, "ocx revert key"u8, digest);
        return BinaryPrimitives.ReadUInt32BigEndian(digest);
    }
}
