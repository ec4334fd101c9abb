using System.Buffers;
using System.Text;

namespace Ocx.Audit.Signals;

/// <summary>
/// Counts what looks encoded in the strings of a call: runs of base64's and of hexadecimal's characters whose entropy
/// is that of data rather than of words, and long strings that are denser than any text is. Work is bounded by a few
/// passes over the bytes.
/// </summary>
internal struct EncodedText(SignalOptions options)
{
    // Of ASCII: English has 4.3, source code and JSON about 5, base64 5.95, base85 6.4, also with line breaks between.
    private const double DenseBits = 5.7;
    private const int MinDense = 256;

    // Of control characters this one alone is common in text: it colours the output of terminals.
    private const int Escape = 0x1b;

    private static readonly SearchValues<byte> s_base64 = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"u8
    );
    private static readonly SearchValues<byte> s_hex = SearchValues.Create("0123456789abcdefABCDEF"u8);
    private static readonly SearchValues<byte> s_standard = SearchValues.Create("+/"u8);
    private static readonly SearchValues<byte> s_url = SearchValues.Create("-_"u8);

    /// <summary>All bytes of the strings.</summary>
    public long Bytes { get; private set; }

    /// <summary>Those of them that look encoded.</summary>
    public long Encoded { get; private set; }

    /// <summary>The length of the longest encoded piece.</summary>
    public int Longest { get; private set; }

    /// <summary>Its entropy, in bits a byte.</summary>
    public double LongestBits { get; private set; }

    /// <summary>
    /// What it looks like: <c>base64</c>, <c>hexadecimal</c>, <c>dense text</c> or <c>binary data</c>.
    /// </summary>
    public string LongestKind { get; private set; } = string.Empty;

    /// <summary>Looks at one string, as UTF-8.</summary>
    public void Add(ReadOnlySpan<byte> text)
    {
        Bytes += text.Length;
        long before = Encoded;
        Runs(text);
        if (text.Length >= MinDense && Encoded - before < text.Length / 2)
        {
            // The whole of it, then, instead of its pieces.
            if (Whole(text) is { } kind)
            {
                Encoded = before;
                Found(text.Length, kind.Bits, kind.Name);
            }
        }
    }

    private void Runs(ReadOnlySpan<byte> text)
    {
        while (NextRun(ref text, s_base64, out ReadOnlySpan<byte> run))
        {
            double bits = Entropy.Of(run);
            if (bits >= options.Base64Bits && LooksLikeBase64(run))
            {
                Found(run.Length, bits, "base64");
                continue;
            }

            while (NextRun(ref run, s_hex, out ReadOnlySpan<byte> digits))
            {
                bits = Entropy.Of(digits);
                if (bits >= options.HexBits)
                {
                    Found(digits.Length, bits, "hexadecimal");
                }
            }
        }
    }

    // The next run of these characters that is long enough; text goes on behind it. Where the byte at the least length
    // is none of them, no run of that length begins before it, so that most bytes of plain text are never looked at.
    private readonly bool NextRun(
        ref ReadOnlySpan<byte> text,
        SearchValues<byte> characters,
        out ReadOnlySpan<byte> run
    )
    {
        int least = Math.Max(options.MinLength, 1);
        while (text.Length >= least)
        {
            int other = text[..least].LastIndexOfAnyExcept(characters);
            if (other >= 0)
            {
                text = text[(other + 1)..];
                continue;
            }

            int length = text[least..].IndexOfAnyExcept(characters);
            length = length < 0 ? text.Length : least + length;
            run = text[..length];
            text = text[length..];
            return true;
        }

        run = default;
        return false;
    }

    // Paths and names have the characters of both of base64's alphabets, or hardly a digit; data has one in six.
    private static bool LooksLikeBase64(ReadOnlySpan<byte> run)
    {
        if (run.ContainsAny(s_standard) && run.ContainsAny(s_url))
        {
            return false;
        }

        int missing = run.Length / 32;
        foreach (byte character in run)
        {
            missing -= char.IsAsciiDigit((char)character) ? 1 : 0;
            if (missing <= 0)
            {
                return true;
            }
        }

        return false;
    }

    private static (double Bits, string Name)? Whole(ReadOnlySpan<byte> text)
    {
        Span<int> counts = stackalloc int[256];
        Entropy.Count(text, counts);
        double bits = Entropy.Of(counts, text.Length);
        int control = counts[0x7f];
        for (int character = 0; character < ' '; character++)
        {
            control += character is '\t' or '\n' or '\r' or Escape ? 0 : counts[character];
        }

        return control * 32L >= text.Length ? (bits, "binary data")
            : bits >= DenseBits && Ascii.IsValid(text) ? (bits, "dense text")
            : null;
    }

    private void Found(int length, double bits, string kind)
    {
        Encoded += length;
        if (length > Longest)
        {
            (Longest, LongestBits, LongestKind) = (length, bits, kind);
        }
    }
}
