using Ocx.Audit.Approvals;
using Ocx.Audit.Intents;
using Ocx.Audit.Jury;
using Ocx.Audit.Ledger;
using Ocx.Cli.Auditing;

namespace Ocx.Cli.Tests.Auditing;

/// <summary>What gates hold stands in one line each.</summary>
public sealed class HoldPrinterTests
{
    private static readonly HoldNotice s_waits = new()
    {
        Call = "a",
        Audit = new AuditReference("shop", "orders", 1),
        Caller = "shop/deployment/web",
        Server = "10.0.0.2:8080",
        Tool = "delete_orders",
        Class = CallClass.Irreversible,
        Approval = "3f9c2a7b51d0",
        Why = "rules: deletes all",
        Until = new DateTimeOffset(2026, 11, 27, 12, 0, 10, TimeSpan.Zero),
    };

    [Fact]
    public void One_that_waits_says_for_what_and_until_when() =>
        Assert.Equal(
            "call held: shop/deployment/web calls delete_orders of 10.0.0.2:8080; waits for approval 3f9c2a7b51d0 "
                + $"until {s_waits.Until!.Value.ToLocalTime():HH:mm:ss}: rules: deletes all",
            HoldPrinter.Text(s_waits)
        );

    [Fact]
    public void One_that_was_rehearsed_says_what_it_would_do() =>
        Assert.EndsWith(
            ": rules: deletes all (rehearsal: would delete 5000 rows; of public.orders)",
            HoldPrinter.Text(s_waits with { Rehearsal = "would delete 5000 rows; of public.orders" }),
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData(Outcome.Released, true, "Released after 1.234 s (approval 3f9c2a7b51d0)")]
    [InlineData(Outcome.Refused, false, "Refused after 1.234 s (approval 3f9c2a7b51d0)")]
    [InlineData(Outcome.Expired, false, "Expired after 1.234 s (approval 3f9c2a7b51d0)")]
    [InlineData(Outcome.Expired, true, "Expired and released after 1.234 s (approval 3f9c2a7b51d0)")]
    public void One_that_waits_no_more_says_what_became_of_it(Outcome outcome, bool released, string end) =>
        Assert.Equal(
            $"no longer held: shop/deployment/web calls delete_orders of 10.0.0.2:8080; {end}",
            HoldPrinter.Text(
                s_waits with
                {
                    Outcome = outcome,
                    Released = released,
                    Held = TimeSpan.FromSeconds(1.234),
                }
            )
        );
}
