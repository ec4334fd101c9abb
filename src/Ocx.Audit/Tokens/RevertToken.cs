using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using Ocx.Audit.Ledger;

namespace Ocx.Audit.Tokens;

/// <summary>
/// Names one audited call to whoever may take it back. Nobody can guess or make one without the key, and it holds for
/// one call alone (<see cref="RevertBinding"/>), until it expires. That it is used once is for the store of used tokens
/// to see to, by <see cref="Id"/>.
/// <code>
/// ocxr1.  and 80 characters of base64url, which are 60 bytes:
///    0  4  the key's name
///    4 16  Id: 128 random bits
///   20  8  when it expires, in seconds since 1970, big-endian
///   28 32  HMAC-SHA-256 over those, and over what it is bound to
/// </code>
/// What it is bound to is not in it: it stands in the ledger. Nor is the token in the ledger: its Id is enough there.
/// So a token is kept nowhere: it is made of the record and the key when somebody who may have it asks.
/// </summary>
public sealed class RevertToken
{
    /// <summary>How each begins; the number is that of the format.</summary>
    public const string Prefix = "ocxr1.";

    /// <summary>How long it holds, from the verdict on.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(1);

    private const int KeyLength = sizeof(uint);
    private const int IdLength = 16;
    private const int HeadLength = KeyLength + IdLength + sizeof(long);
    private const int Length = HeadLength + HMACSHA256.HashSizeInBytes;

    // A multiple of three bytes: four characters each, none of which has bits to spare.
    private const int TextLength = Length / 3 * 4;

    private static readonly SearchValues<char> s_base64Url = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    );

    private RevertToken(ReadOnlySpan<byte> bytes)
    {
        Text = string.Concat(Prefix, Base64Url.EncodeToString(bytes));
        Id = IdOf(bytes);
        Expires = DateTimeOffset.FromUnixTimeSeconds(ExpiryOf(bytes));
    }

    /// <summary>The token itself: a secret of whoever may take the call back.</summary>
    public string Text { get; }

    /// <summary>Its random part, in lower-case hexadecimal: names the token, and is no secret.</summary>
    public string Id { get; }

    /// <summary>From this moment on it holds no more; whole seconds.</summary>
    public DateTimeOffset Expires { get; }

    /// <summary>The <see cref="Id"/> of a call's token, for its record.</summary>
    public static string NewId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdLength));

    /// <summary>
    /// The token of a call: the same each time, as long as the first key is. Null when the record has no token's Id.
    /// </summary>
    public static RevertToken? Of(RevertKeyRing keys, LedgerRecord record)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(record);
        string? id = record.Entry.RevertTokenId;
        return id is { Length: 2 * IdLength } && id.All(char.IsAsciiHexDigitLower)
            ? Create(keys, RevertBinding.Of(record), record.Entry.Time + Lifetime, Convert.FromHexString(id))
            : null;
    }

    /// <summary>A new one: two of the same call differ.</summary>
    public static RevertToken Create(RevertKeyRing keys, RevertBinding binding, DateTimeOffset expires) =>
        Create(keys, binding, expires, RandomNumberGenerator.GetBytes(IdLength));

    /// <summary>
    /// The <see cref="Id"/> of what looks like a token, to find the call that it may be of. This proves nothing:
    /// <see cref="TryRead"/> does.
    /// </summary>
    public static bool TryReadId(ReadOnlySpan<char> text, out string id)
    {
        Span<byte> bytes = stackalloc byte[Length];
        bool read = TryDecode(text, bytes);
        id = read ? IdOf(bytes) : string.Empty;
        return read;
    }

    /// <summary>Is this a token of this call, and does it still hold?</summary>
    /// <param name="text">What somebody presents.</param>
    /// <param name="keys">The keys that are trusted.</param>
    /// <param name="binding">The call, as the ledger has it.</param>
    /// <param name="now">The time.</param>
    /// <param name="problem">Why not.</param>
    public static bool TryRead(
        ReadOnlySpan<char> text,
        RevertKeyRing keys,
        RevertBinding binding,
        DateTimeOffset now,
        out RevertTokenProblem problem
    )
    {
        Span<byte> bytes = stackalloc byte[Length];
        problem =
            !TryDecode(text, bytes) ? RevertTokenProblem.Malformed
            : !keys.Has(KeyOf(bytes)) ? RevertTokenProblem.UnknownKey
            : !IsAuthentic(bytes, keys, binding) ? RevertTokenProblem.Mismatch
            : now.ToUnixTimeSeconds() >= ExpiryOf(bytes) ? RevertTokenProblem.Expired
            : RevertTokenProblem.None;
        return problem == RevertTokenProblem.None;
    }

    /// <summary>Its <see cref="Id"/>, so that no log has the token by accident.</summary>
    public override string ToString() => Id;

    internal static RevertToken Create(
        RevertKeyRing keys,
        RevertBinding binding,
        DateTimeOffset expires,
        ReadOnlySpan<byte> id
    )
    {
        Span<byte> bytes = stackalloc byte[Length];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, keys.Current);
        id.CopyTo(bytes[KeyLength..]);
        BinaryPrimitives.WriteInt64BigEndian(bytes[(KeyLength + IdLength)..], expires.ToUnixTimeSeconds());
        keys.Authenticate(keys.Current, bytes[..HeadLength], binding, bytes[HeadLength..]);
        return new RevertToken(bytes);
    }

    // Strict: the platform's decoder skips white space and takes padding, and then one token would have many texts.
    private static bool TryDecode(ReadOnlySpan<char> text, Span<byte> bytes) =>
        text.Length == Prefix.Length + TextLength
        && text.StartsWith(Prefix, StringComparison.Ordinal)
        && !text[Prefix.Length..].ContainsAnyExcept(s_base64Url)
        && Base64Url.TryDecodeFromChars(text[Prefix.Length..], bytes, out int written)
        && written == Length;

    private static bool IsAuthentic(ReadOnlySpan<byte> bytes, RevertKeyRing keys, RevertBinding binding)
    {
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        keys.Authenticate(KeyOf(bytes), bytes[..HeadLength], binding, mac);
        return CryptographicOperations.FixedTimeEquals(mac, bytes[HeadLength..]);
    }

    private static uint KeyOf(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32BigEndian(bytes);

    private static string IdOf(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes.Slice(KeyLength, IdLength));

    private static long ExpiryOf(ReadOnlySpan<byte> bytes) =>
        BinaryPrimitives.ReadInt64BigEndian(bytes[(KeyLength + IdLength)..]);
}
