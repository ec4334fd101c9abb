using System.Diagnostics;
using System.Text;
using Ocx.Audit.Signals;

namespace Ocx.AuditBench;

/// <summary>Entropy of 1 MiB of three kinds of text, and a plain loop beside it, in turn.</summary>
internal static class EntropyMeasurement
{
    private const int Length = 1 << 20,
        Rounds = 15,
        Passes = 40;

    public static void Run()
    {
        var random = new Random(1);
        byte[] bytes = new byte[Length];
        random.NextBytes(bytes);
        byte[] base64 = Encoding.ASCII.GetBytes(Convert.ToBase64String(bytes))[..Length];
        byte[] english = Encoding.ASCII.GetBytes(
            string.Concat(Enumerable.Repeat("the orders of this customer are kept for ten years ", (Length / 50) + 1))
        )[..Length];
        byte[] same = new byte[Length];
        Tell("base64", base64);
        Tell("English", english);
        Tell("one byte", same);
    }

    private static void Tell(string name, byte[] text)
    {
        var (ours, plain) = (new List<double>(), new List<double>());
        for (int round = 0; round <= Rounds; round++)
        {
            ours.Add(GigabytesPerSecond(text, bytes => Entropy.Of(bytes)));
            plain.Add(GigabytesPerSecond(text, bytes => Plain(bytes)));
        }

        double ratio = Figures.Median(ours.Skip(1).Zip(plain.Skip(1), (one, other) => one / other));
        Figures.Tell(
            $"entropy of 1 MiB {name, -15} {Figures.Median(ours.Skip(1)), 9:N2} GB/s, {ratio:N2} times a loop"
        );
    }

    private static double GigabytesPerSecond(byte[] text, Func<byte[], double> measure)
    {
        double sum = 0;
        long began = Stopwatch.GetTimestamp();
        for (int pass = 0; pass < Passes; pass++)
        {
            sum += measure(text);
        }

        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        GC.KeepAlive(sum);
        return (double)Length * Passes / seconds / 1e9;
    }

    private static double Plain(ReadOnlySpan<byte> bytes)
    {
        Span<int> counts = stackalloc int[256];
        foreach (byte value in bytes)
        {
            counts[value]++;
        }

        double sum = 0;
        foreach (int count in counts)
        {
            sum += count == 0 ? 0 : count * Math.Log2((double)count / bytes.Length);
        }

        return -sum / bytes.Length;
    }
}
