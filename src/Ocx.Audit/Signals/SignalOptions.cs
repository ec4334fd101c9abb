using Ocx.Audit.Jury;

namespace Ocx.Audit.Signals;

/// <summary>What the juror <c>signal</c> takes for a sign. Each bound of 0 switches its sign off.</summary>
public sealed record SignalOptions
{
    /// <summary>
    /// Its vote when it sees a sign. By default <see cref="Ballot.Hold"/>: signs are no proof, so a person should look.
    /// </summary>
    public Ballot Vote { get; init; } = Ballot.Hold;

    /// <summary>
    /// From how many bits a byte a run of base64's characters counts as encoded; 4.5 is the usual one.
    /// </summary>
    public double Base64Bits { get; init; } = 4.5;

    /// <summary>
    /// From how many bits a byte a run of hexadecimal digits counts as encoded; 3.0 is the usual one.
    /// </summary>
    public double HexBits { get; init; } = 3.0;

    /// <summary>From how many bytes a run counts; a UUID has 36, a SHA-1 in hexadecimal 40.</summary>
    public int MinLength { get; init; } = 40;

    /// <summary>So many encoded bytes in a call are a sign.</summary>
    public int EncodedBytes { get; init; } = 512;

    /// <summary>
    /// And such a share of all bytes of its strings, 0 to 1, from <see cref="MinEncodedBytes"/> on: a single digest of
    /// SHA-256 in hexadecimal, 64 bytes, is none.
    /// </summary>
    public double EncodedShare { get; init; } = 0.5;

    /// <summary>The least number of encoded bytes whose share counts.</summary>
    public int MinEncodedBytes { get; init; } = 96;

    /// <summary>A request so many times larger than the tool's usual one is a sign.</summary>
    public double SizeFactor { get; init; } = 8;

    /// <summary>More calls of a tool by one client within a minute are a sign.</summary>
    public int CallsPerMinute { get; init; } = 600;

    /// <summary>
    /// Calls of a tool by one client with ever new arguments are a sign when the time between them varies by less than
    /// this share of its mean: people and models are irregular, timers are not, and a timer that asks the same again
    /// and again is only polling.
    /// </summary>
    public double Regularity { get; init; } = 0.1;

    /// <summary>
    /// How many tools, and how many pairs of client and tool, are remembered: those seen last. Each costs some 150
    /// bytes.
    /// </summary>
    public int MaxHistories { get; init; } = 16_384;
}
