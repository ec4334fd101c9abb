using Ocx.Audit.Intents;
using Ocx.Audit.Jury;

namespace Ocx.Audit.Tests.Jury;

/// <summary>A juror that does as the test says.</summary>
internal sealed class TestJuror(string name, Func<CancellationToken, ValueTask<Vote>> judge) : IJuror
{
    public string Name => name;

    public static TestJuror Says(string name, Ballot ballot, string reason = "") =>
        new(name, _ => new ValueTask<Vote>(new Vote(ballot, reason)));

    /// <summary>Votes when the test says so, whatever its token says.</summary>
    public static TestJuror Waits(string name, TaskCompletionSource<Vote> vote) =>
        new(name, _ => new ValueTask<Vote>(vote.Task));

    public static TestJuror Throws(string name, Exception error) => new(name, _ => throw error);

    public ValueTask<Vote> JudgeAsync(Intent intent, CancellationToken cancellation) => judge(cancellation);
}
