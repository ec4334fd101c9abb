using Ocx.Audit.Approvals;
using Ocx.Audit.Jury;

namespace Ocx.Auditor.Tests.Approvals;

/// <summary>A call that is held waits no longer than it may, whatever keeps the approvals does.</summary>
public sealed class PersonsPatienceTests
{
    private static readonly WaitTerms s_terms = new(
        TimeSpan.FromMilliseconds(300),
        TimeSpan.FromSeconds(1),
        Passes: true
    );

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Approvals_that_never_answer_hold_nobody_up()
    {
        PersonsAnswer answer = await WaitAsync(async cancellation =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
            return default;
        });
        Assert.Equal((Outcome.Expired, true), (answer.Entry.Verdict.Outcome, answer.Entry.Verdict.Passed));
        Assert.Equal(AskProblem.NotKept, answer.Problem);
        Assert.Contains("no answer in time", answer.Entry.Verdict.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Approvals_that_cannot_be_kept_for_a_moment_are_asked_again()
    {
        int asked = 0;
        PersonsAnswer answer = await WaitAsync(
            _ =>
                ++asked == 1
                    ? throw new ApprovalsException("the API server is away")
                    : Task.FromResult(new ApprovalAnswer(null, "as many wait as may")),
            s_terms with
            {
                Patience = TimeSpan.FromSeconds(20),
            }
        );
        Assert.Equal((2, AskProblem.Full), (asked, answer.Problem));
    }

    private static async Task<PersonsAnswer> WaitAsync(
        Func<CancellationToken, Task<ApprovalAnswer>> ask,
        WaitTerms? terms = null
    )
    {
        var approvals = new Kept(ask);
        using var news = new ApprovalNews(approvals);
        var patience = new PersonsPatience(new PersonsWord(approvals, TimeProvider.System), news, TimeProvider.System);
        return await patience
            .WaitAsync(
                HeldCall.Rules,
                HeldCall.Entry("call-1"),
                terms ?? s_terms,
                new TaskCompletionSource().Task,
                _ => { },
                Cancellation
            )
            .WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
    }

    private sealed class Kept(Func<CancellationToken, Task<ApprovalAnswer>> ask) : IApprovals
    {
        public event Action<Approval>? Changed
        {
            add { }
            remove { }
        }

        public Task<ApprovalAnswer> AskAsync(Approval asked, CancellationToken cancellation) => ask(cancellation);

        public Task<IReadOnlyList<Approval>> ListAsync(CancellationToken cancellation) =>
            Task.FromResult<IReadOnlyList<Approval>>([]);
    }
}
