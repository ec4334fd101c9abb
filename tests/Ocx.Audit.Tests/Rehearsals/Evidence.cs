using System.Text.Json;
using Ocx.Audit.Rehearsals;

namespace Ocx.Audit.Tests.Rehearsals;

/// <summary>What rehearsals showed.</summary>
internal static class Evidence
{
    /// <summary>5000 rows deleted, of which one is told, and one connection tried. Files were not watched.</summary>
    public static RehearsalEvidence Wholesale { get; } =
        new()
        {
            Outcome = RehearsalOutcome.Answered,
            Result = JsonElement.Parse("""{"content":[{"type":"text","text":"5000 orders"}]}"""),
            Took = TimeSpan.FromMilliseconds(412),
            Effects = new CallEffects
            {
                State =
                [
                    new StateEffects
                    {
                        Source = "orders",
                        Kind = StateKind.PostgreSql,
                        RowsDeleted = 4000,
                        RowsTruncated = 1000,
                        IsCut = true,
                        Lag = TimeSpan.FromMilliseconds(30),
                        Changes =
                        [
                            new StateChange
                            {
                                Target = "public.orders",
                                Operation = "delete",
                                Old = [new StateField("id", "42"), new StateField("note", null)],
                            },
                        ],
                    },
                    new StateEffects
                    {
                        Source = "cache",
                        Kind = StateKind.Redis,
                        KeysWritten = 1,
                        Lag = TimeSpan.FromMilliseconds(2),
                        Changes =
                        [
                            new StateChange
                            {
                                Target = "orders:count",
                                Operation = "set",
                                New = [new StateField("value", "0")],
                            },
                        ],
                    },
                ],
                Processes = new ProcessEffects { Started = [] },
                Network = new NetworkEffects
                {
                    Tried =
                    [
                        new ConnectionTry("10.0.0.7", 5432, false),
                        new ConnectionTry("169.254.169.254", 80, true),
                    ],
                },
            },
        };

    /// <summary>The same with other effects.</summary>
    public static RehearsalEvidence With(CallEffects effects) => Wholesale with { Effects = effects };
}
