using System.Text.Json;
using Ocx.Audit.Rehearsals;
using Ocx.Auditor.Rehearsing;

namespace Ocx.Auditor.Tests.Rehearsing;

/// <summary>Shadows that do as the test says.</summary>
internal sealed class TestShadows(Func<RehearsedCall, CancellationToken, Task<RehearsalEvidence>> rehearse) : IShadows
{
    private int _calls;

    public TestShadows(RehearsalEvidence evidence)
        : this((_, _) => Task.FromResult(evidence)) { }

    public ShadowSight Sight { get; set; } =
        new(2, [new CloneSight("orders", 2, TimeSpan.FromMilliseconds(40)), new CloneSight("cache", 1, TimeSpan.Zero)]);

    public RehearsedCall Last { get; private set; }

    public int Calls => Volatile.Read(ref _calls);

    public bool IsDisposed { get; private set; }

    /// <summary>All was observed: a row with a secret was deleted, a file written, a connection refused.</summary>
    public static RehearsalEvidence Full { get; } =
        new()
        {
            Outcome = RehearsalOutcome.Answered,
            Took = TimeSpan.FromMilliseconds(300),
            Result = JsonElement.Parse("""{"content":[],"email":"ada@example.com"}"""),
            Effects = new CallEffects
            {
                State =
                [
                    new StateEffects
                    {
                        Source = "orders",
                        Kind = StateKind.PostgreSql,
                        RowsDeleted = 5000,
                        Lag = TimeSpan.FromMilliseconds(40),
                        IsCut = true,
                        Changes =
                        [
                            new StateChange
                            {
                                Target = "public.users",
                                Operation = "delete",
                                Old =
                                [
                                    new StateField("id", "7"),
                                    new StateField("password", "hunter2"),
                                    new StateField("email", "ada@example.com"),
                                    new StateField("card", "4111-1111"),
                                    new StateField("settings", """{"api_key":"sesame","theme":"dark"}"""),
                                    new StateField("deleted", null),
                                ],
                                New = [new StateField("id", "8")],
                            },
                        ],
                    },
                ],
                Files = new FileEffects
                {
                    Created = ["/tmp/4111-1111.csv"],
                    Changed = [],
                    Deleted = [],
                },
                Processes = new ProcessEffects { Started = ["/usr/bin/psql"] },
                Network = new NetworkEffects { Tried = [new ConnectionTry("169.254.169.254", 80, true)] },
            },
        };

    public Task<RehearsalEvidence> RehearseAsync(RehearsedCall call, CancellationToken cancellation)
    {
        Last = call;
        Interlocked.Increment(ref _calls);
        return rehearse(call, cancellation);
    }

    public void Dispose() => IsDisposed = true;
}
