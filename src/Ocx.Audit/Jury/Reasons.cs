using System.Globalization;
using Ocx.Audit.Intents;

namespace Ocx.Audit.Jury;

/// <summary>
/// A verdict's reason in one sentence, and the bound of all that jurors say. Control characters stay: whoever writes
/// the text escapes them.
/// </summary>
internal static class Reasons
{
    /// <summary>The longest reason or failure, in UTF-16 units.</summary>
    public const int MaxLength = 512;

    /// <summary>At most <see cref="MaxLength"/> of a juror's text; a cut one ends in an ellipsis.</summary>
    public static string Bound(string? text)
    {
        if (text is null || text.Length <= MaxLength)
        {
            return text ?? string.Empty;
        }

        int length = MaxLength - 1;
        length -= char.IsHighSurrogate(text[length - 1]) ? 1 : 0;
        return string.Concat(text.AsSpan(0, length), "…");
    }

    /// <summary>The words of the votes that decided.</summary>
    public static string Of(Outcome outcome, IReadOnlyList<JurorVote?> votes)
    {
        JurorVote[] against = [.. votes.Where(vote => vote?.Vote.Ballot == Ballot.Refuse).Select(vote => vote!)];
        JurorVote[] hold = [.. votes.Where(vote => vote?.Vote.Ballot == Ballot.Hold).Select(vote => vote!)];
        JurorVote[] release = [.. votes.Where(vote => vote?.Vote.Ballot == Ballot.Release).Select(vote => vote!)];
        return Bound(
            outcome switch
            {
                Outcome.Refused => Told(against),
                Outcome.Released => Told(release),
                _ when against.Length == 0 => Told(hold),
                _ => $"the jurors do not agree: {Told([.. against, .. hold, .. release])}",
            }
        );
    }

    /// <summary>Nobody voted.</summary>
    public static string NoVotes(CallClass of) =>
        of == CallClass.Reversible ? "no juror voted on a reversible call" : "no juror voted on an irreversible call";

    /// <summary>Somebody was not heard in time.</summary>
    public static string Deadline(JuryRules rules, IReadOnlyList<Seat> seats, IReadOnlyList<JurorVote?> votes)
    {
        IEnumerable<string> missing = seats.Where((_, seat) => votes[seat] is null).Select(seat => seat.Juror.Name);
        string deadline = rules.Deadline.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
        string means = rules.OnDeadline == Ballot.Release ? ", which counts as release" : "";
        return Bound($"not decided within {deadline} s: no vote from {string.Join(", ", missing)}{means}");
    }

    private static string Told(JurorVote[] votes) => string.Join("; ", votes.Select(Told));

    private static string Told(JurorVote vote) =>
        vote.Failure is { } failure ? $"{vote.Juror} failed ({failure}), which counts as {Word(vote.Vote.Ballot)}"
        : vote.Vote.Reason.Length > 0 ? $"{vote.Juror}: {vote.Vote.Reason}"
        : $"{vote.Juror} votes to {Word(vote.Vote.Ballot)}";

    private static string Word(Ballot ballot) =>
        ballot switch
        {
            Ballot.Release => "release",
            Ballot.Hold => "hold",
            Ballot.Refuse => "refuse",
            _ => "abstain",
        };
}
