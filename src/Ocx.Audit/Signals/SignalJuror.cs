using System.Globalization;
using Ocx.Audit.Intents;
using Ocx.Audit.Jury;

namespace Ocx.Audit.Signals;

/// <summary>
/// The juror <c>signal</c>: looks for encoded data in a call's arguments, for requests much larger than the tool's
/// usual ones, for too many calls, and for calls as regular as a timer's. It says what it saw in one sentence of
/// numbers alone: nothing of the call's text gets into it. Where it sees nothing it abstains, for that proves nothing
/// either.
/// </summary>
public sealed class SignalJuror(SignalOptions options, string name = "signal") : IJuror
{
    private readonly CallHistory _history = new(options);

    /// <inheritdoc/>
    public string Name => name;

    /// <summary>How many tools, and how many pairs of client and tool, it remembers.</summary>
    public (int Tools, int Pairs) Remembered => _history.Count;

    /// <inheritdoc/>
    public ValueTask<Vote> JudgeAsync(Intent intent, CancellationToken cancellation)
    {
        var text = new EncodedText(options);
        ArgumentStrings.AddTo(ref text, intent.Arguments.Span);
        (bool large, double usual, CallTimes times) = _history.Add(intent);

        string?[] signs =
        [
            IsEncoded(text) ? Encoded(text) : null,
            large ? Large(intent.RequestBytes, usual) : null,
            options.CallsPerMinute > 0 && times.PerMinute > options.CallsPerMinute ? Many(times) : null,
            times.IsBeacon(options.Regularity) ? Regular(times) : null,
        ];
        string reason = string.Join("; ", signs.Where(sign => sign is not null));
        return new(reason.Length == 0 ? Vote.Abstain : new Vote(options.Vote, reason));
    }

    private bool IsEncoded(EncodedText text) =>
        (options.EncodedBytes > 0 && text.Encoded >= options.EncodedBytes)
        || (
            options.EncodedShare > 0
            && text.Encoded >= options.MinEncodedBytes
            && text.Encoded >= options.EncodedShare * text.Bytes
        );

    private static string Encoded(EncodedText text) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{text.Encoded:N0} of {text.Bytes:N0} bytes of its strings look encoded"
                + $" ({(double)text.Encoded / text.Bytes:P0}), the longest piece is {text.Longest:N0} bytes of"
                + $" {text.LongestKind} at {text.LongestBits:N2} bits a byte"
        );

    private static string Large(long bytes, double usual) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"the request has {bytes:N0} bytes, {bytes / usual:N0} times the {usual:N0} that are usual for this tool"
        );

    private string Many(CallTimes times) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{times.PerMinute:N0} calls of this tool by this client within a minute,"
                + $" more than {options.CallsPerMinute:N0}"
        );

    private static string Regular(CallTimes times) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"this client calls this tool every {times.Interval.TotalSeconds:N1} s, varying by {times.Variation:P0},"
                + $" with new arguments each time, as a beacon does"
        );
}
