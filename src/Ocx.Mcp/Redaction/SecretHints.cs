using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Text;

namespace Ocx.Mcp.Redaction;

/// <summary>
/// Tells fast whether a text may hold a credential: each form that <see cref="SecretShapes"/> knows contains one of
/// these hints, so a text without any needs no closer look. Looks at fourteen places at once for the first three bytes
/// of a hint.
/// </summary>
internal static class SecretHints
{
    private const int Prefix = 3;
    private const int Buckets = 8;

    // In a block of sixteen bytes: where a hint's first bytes are all in it.
    private const int Places = 16 - (Prefix - 1);

    // Lower case; none shorter than the prefix. The backslashes are for JSON, which may escape a slash:
    // https:\/\/user:password@host
    private static readonly byte[][] s_hints =
    [
        .. new[]
        {
            "passw",
            "passphrase",
            "secret",
            "token",
            "apikey",
            "api_key",
            "api-key",
            "accesskey",
            "access_key",
            "access-key",
            "authorization",
            "cookie",
            "credential",
            "privatekey",
            "private_key",
            "private-key",
            "bearer",
            "basic",
            "eyj",
            "sk-",
            "sk_",
            "pk-",
            "pk_",
            "rk-",
            "rk_",
            "ghp_",
            "gho_",
            "ghu_",
            "ghs_",
            "ghr_",
            "github_pat_",
            "glpat-",
            "xox",
            "akia",
            "asia",
            "aiza",
            "npm_",
            "hf_",
            "-----begin",
            "://",
            ":\\/",
            ":/\\",
            ":\\\\",
            EscapedLetter,
        }
            .Order(StringComparer.Ordinal)
            .Select(Encoding.ASCII.GetBytes),
    ];

    // Hints with like beginnings share a bucket: their bytes, mixed up, then spell less that stands in ordinary text.
    private static readonly byte[][][] s_buckets =
    [
        .. s_hints
            .GroupBy(PrefixOf)
            .Chunk((s_hints.GroupBy(PrefixOf).Count() + Buckets - 1) / Buckets)
            .Select(groups => groups.SelectMany(group => group).ToArray()),
    ];

    // What a bucket's bytes spell is mostly none of its hints, which three bytes compared at once tell.
    private static readonly (uint Beginning, byte[] Hint)[][] s_beginnings =
    [
        .. s_buckets.Select(bucket => bucket.Select(hint => (Beginning(hint), hint)).ToArray()),
    ];

    private static readonly Tables s_tables = new(
        Table(0, letter => letter & 15),
        Table(0, letter => letter >> 4),
        Table(1, letter => letter & 15),
        Table(1, letter => letter >> 4),
        Table(2, letter => letter & 15),
        Table(2, letter => letter >> 4)
    );

    // An escape may hide a letter of the other hints.
    private const string EscapedLetter = "\\u00";

    /// <summary>True when a hint stands in the text, in either case.</summary>
    public static bool AnyIn(ReadOnlySpan<byte> text)
    {
        ref readonly Tables tables = ref s_tables; // once: a static is checked at each use
        for (; text.Length >= Vector128<byte>.Count; text = text[Places..])
        {
            Vector128<byte> buckets = tables.BucketsIn(Vector128.Create(text));
            if (buckets != Vector128<byte>.Zero && AnyAt(text, buckets))
            {
                return true;
            }
        }

        // What is left is less than a block; zeros begin no hint.
        Span<byte> rest = stackalloc byte[Vector128<byte>.Count];
        rest.Clear();
        text.CopyTo(rest);
        return AnyAt(text, tables.BucketsIn(Vector128.Create(rest)));
    }

    /// <summary>True when a hint stands in the text, in either case.</summary>
    public static bool AnyIn(ReadOnlySpan<char> text)
    {
        Span<byte> bytes = text.Length <= 512 ? stackalloc byte[text.Length] : new byte[text.Length];
        Encoding.Latin1.GetBytes(text, bytes);
        return AnyIn(bytes);
    }

    private static bool AnyAt(ReadOnlySpan<byte> text, Vector128<byte> buckets)
    {
        for (
            uint places = ~Vector128.Equals(buckets, Vector128<byte>.Zero).ExtractMostSignificantBits() & 0xFFFF;
            places != 0;
            places &= places - 1
        )
        {
            int place = BitOperations.TrailingZeroCount(places);
            if (StartsWithOneOf(text[place..], buckets[place]))
            {
                return true;
            }
        }

        return false;
    }

    private static bool StartsWithOneOf(ReadOnlySpan<byte> text, uint buckets)
    {
        uint beginning = Beginning(text);
        for (; buckets != 0; buckets &= buckets - 1)
        {
            foreach ((uint begins, byte[] hint) in s_beginnings[BitOperations.TrailingZeroCount(buckets)])
            {
                if (
                    begins == beginning
                    && text.Length >= hint.Length
                    && Ascii.EqualsIgnoreCase(text[..hint.Length], hint)
                    && (hint[0] != '\\' || HidesLetter(text))
                )
                {
                    return true;
                }
            }
        }

        return false;
    }

    // Three bytes with the bit set that tells a small letter from a capital. Other bytes may become alike by it: it is
    // a first look.
    private static uint Beginning(ReadOnlySpan<byte> text) =>
        text.Length < Prefix ? 0 : text[0] | ((uint)text[1] << 8) | ((uint)text[2] << 16) | 0x20_2020;

    // \u0022 and its like are in every text that some serialisers write, and no hint has a quote in it.
    private static bool HidesLetter(ReadOnlySpan<byte> escape) =>
        escape is not [_, _, _, _, (byte)'0' or (byte)'1' or (byte)'2' or (byte)'3', var low, ..]
        || (escape[4], low | 0x20) is ((byte)'2', 'd' or 'f') or ((byte)'3', 'a');

    private static string PrefixOf(byte[] hint) => Encoding.ASCII.GetString(hint.AsSpan(0, Prefix));

    private static Vector128<byte> Table(int at, Func<int, int> half)
    {
        byte[] table = new byte[16];
        for (int bucket = 0; bucket < s_buckets.Length; bucket++)
        {
            foreach (byte[] hint in s_buckets[bucket])
            {
                table[half(hint[at])] |= (byte)(1 << bucket);
                table[half(char.ToUpperInvariant((char)hint[at]))] |= (byte)(1 << bucket);
            }
        }

        return Vector128.Create(table);
    }

    // Each byte's halves choose from two tables the buckets that have such a byte there; a place where a bucket is left
    // is looked at.
    private readonly record struct Tables(
        Vector128<byte> Low0,
        Vector128<byte> High0,
        Vector128<byte> Low1,
        Vector128<byte> High1,
        Vector128<byte> Low2,
        Vector128<byte> High2
    )
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector128<byte> BucketsIn(Vector128<byte> block)
        {
            Vector128<byte> low = block & Vector128.Create((byte)15),
                high = block >> 4;
            Vector128<byte> first = Vector128.ShuffleNative(Low0, low) & Vector128.ShuffleNative(High0, high);
            Vector128<byte> second = Vector128.ShuffleNative(Low1, low) & Vector128.ShuffleNative(High1, high);
            Vector128<byte> third = Vector128.ShuffleNative(Low2, low) & Vector128.ShuffleNative(High2, high);

            // The second and the third byte move to the first one's place; none come in at the end, so no hint begins
            // in the last two places.
            return first
                & Vector128.Shuffle(
                    second,
                    Vector128.Create((byte)1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)
                )
                & Vector128.Shuffle(
                    third,
                    Vector128.Create((byte)2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17)
                );
        }
    }
}
