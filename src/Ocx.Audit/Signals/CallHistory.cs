using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Ocx.Audit.Intents;

namespace Ocx.Audit.Signals;

/// <summary>What is remembered of tools and of who calls them: bounded, and safe from many threads.</summary>
internal sealed class CallHistory(SignalOptions options)
{
    private readonly Lock _lock = new();
    private readonly RecentlyUsed<UInt128, SizeHistory> _sizes = new(options.MaxHistories);
    private readonly RecentlyUsed<UInt128, CallTimes> _times = new(options.MaxHistories);

    /// <summary>How many tools, and how many pairs of client and tool, are remembered.</summary>
    public (int Tools, int Pairs) Count
    {
        get
        {
            lock (_lock)
            {
                return (_sizes.Count, _times.Count);
            }
        }
    }

    /// <summary>Adds a call, and says how it compares with those before it.</summary>
    public (bool Large, double Usual, CallTimes Times) Add(Intent intent)
    {
        string tool = $"{Identity(intent.Server, withPort: true)}\0{intent.Method}\0{intent.Tool}";
        UInt128 sizeKey = Key(tool);
        UInt128 timeKey = Key($"{Identity(intent.Client, withPort: false)}\0{tool}");
        // Where nothing is known of all the arguments, they count as new.
        int arguments = intent.ArgumentsDigest is { Length: > 0 } digest
            ? digest.GetHashCode(StringComparison.Ordinal)
            : intent.Key.GetHashCode(StringComparison.Ordinal);
        lock (_lock)
        {
            ref SizeHistory sizes = ref _sizes[sizeKey];
            double usual = sizes.Usual;
            bool large = sizes.Add(intent.RequestBytes, options.SizeFactor);
            ref CallTimes times = ref _times[timeKey];
            times.Add(intent.Time, arguments);
            return (large, usual, times);
        }
    }

    // A workload, for its pods come and go; else the address. A client's port is another one each time, and the name
    // that it gives itself may be any.
    private static string Identity(Party party, bool withPort)
    {
        if (party.Workload.Length > 0)
        {
            return $"{party.Namespace}/{party.Workload}";
        }

        int port = withPort ? -1 : party.Address.LastIndexOf(':');
        return port < 0 ? party.Address : party.Address[..port];
    }

    // As long as it is, a name costs 16 bytes, and nobody can find two with the same ones.
    private static UInt128 Key(string names) =>
        BinaryPrimitives.ReadUInt128LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(names)));
}
