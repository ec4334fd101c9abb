using System.Globalization;
using System.Security.Cryptography;

namespace Ocx.Mcp.Pairing;

/// <summary>
/// Names calls so that no other call has the same name, on any node and after any restart, without asking anybody: a
/// key is the tracker's own random number and the call's place in its count, 32 hexadecimal digits. Within one life the
/// count makes keys differ. Two lives share their 64 random bits by chance alone: among a million lives with a
/// likelihood of one in 37 million (n²/2⁶⁵). One process's; its trackers may share it, for it is for any thread.
/// </summary>
public sealed class CallKeys
{
    /// <summary>The characters of a key.</summary>
    public const int Length = 32;

    private ulong _count;

    /// <summary>What all keys of this life begin with: 16 hexadecimal digits.</summary>
    public string Instance { get; } = RandomNumberGenerator.GetHexString(16, lowercase: true);

    internal string Next() =>
        string.Create(CultureInfo.InvariantCulture, $"{Instance}{Interlocked.Increment(ref _count):x16}");
}
