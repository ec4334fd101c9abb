using System.Diagnostics;
using Ocx.Audit.Intents;
using Ocx.Audit.Jury;
using Ocx.Audit.Ledger;
using Ocx.Text;

namespace Ocx.Auditor.Tracing;

/// <summary>
/// A verdict as spans: one of the call under its client's own trace, and below it one of each juror. Neither arguments
/// nor reasons are in them; what comes from the wire is escaped and cut. See docs/audit.md.
/// </summary>
internal static class CallSpans
{
    /// <summary>The longest text, in UTF-16 units.</summary>
    public const int LongestText = 512;

    /// <summary>Makes them, ended.</summary>
    /// <param name="source">Starts them.</param>
    /// <param name="entry">What stands in the ledger.</param>
    /// <param name="began">When the call came.</param>
    /// <param name="ended">When its record was in the ledger.</param>
    public static void Make(ActivitySource source, LedgerEntry entry, DateTimeOffset began, DateTimeOffset ended)
    {
        // The stream that the call came on has an activity of its own, which is no call's.
        Activity? stream = Activity.Current;
        Activity.Current = null;
        try
        {
            using Activity? span = source.StartActivity(
                NameOf(entry.Intent),
                ActivityKind.Internal,
                ParentOf(entry.Intent),
                Describe(entry),
                startTime: began
            );
            if (span is { Recorded: true })
            {
                DateTimeOffset asked = entry.Time - entry.Verdict.Took;
                foreach (JurorVote vote in entry.Verdict.Votes)
                {
                    Make(source, span.Context, vote, asked);
                }
            }

            span?.SetEndTime(ended.UtcDateTime);
        }
        finally
        {
            Activity.Current = stream;
        }
    }

    private static void Make(ActivitySource source, ActivityContext call, JurorVote vote, DateTimeOffset asked)
    {
        var attributes = new List<KeyValuePair<string, object?>>();
        Add(attributes, "ocx.audit.juror", vote.Juror);
        Add(attributes, "ocx.audit.ballot", vote.Vote.Ballot.ToString());
        if (vote.Failure is { } failure)
        {
            Add(attributes, "ocx.audit.failure", JurorFailure.KindOf(failure));
        }

        using Activity? span = source.StartActivity(
            $"juror {Cut(vote.Juror)}",
            ActivityKind.Internal,
            call,
            attributes,
            startTime: asked
        );
        if (vote.Failure is not null and not JurorFailure.NotWaitedFor)
        {
            span?.SetStatus(ActivityStatusCode.Error);
        }

        span?.SetEndTime((asked + vote.Took).UtcDateTime);
    }

    // The agent's name of the same call, docs/otlp.md.
    private static string NameOf(Intent intent) =>
        intent is { Method: "tools/call" or "prompts/get", Tool.Length: > 0 }
            ? $"audit {Cut(intent.Method)} {Cut(intent.Tool)}"
            : $"audit {Cut(intent.Method)}";

    private static ActivityContext ParentOf(Intent intent) =>
        ActivityContext.TryParse(intent.TraceParent, null, isRemote: true, out ActivityContext parent)
            ? parent
            : default;

    private static List<KeyValuePair<string, object?>> Describe(LedgerEntry entry)
    {
        var attributes = new List<KeyValuePair<string, object?>>();
        Add(attributes, "mcp.method.name", entry.Intent.Method);
        if (entry.Intent.Method == "tools/call")
        {
            Add(attributes, "gen_ai.tool.name", entry.Intent.Tool);
        }

        Add(attributes, "ocx.audit.namespace", entry.Audit.Namespace);
        Add(attributes, "ocx.audit.name", entry.Audit.Name);
        Add(attributes, "ocx.audit.outcome", entry.Verdict.Outcome.ToString());
        Add(attributes, "ocx.audit.key", entry.Intent.Key);
        Add(attributes, "k8s.namespace.name", entry.Intent.Server.Namespace);
        Add(attributes, "k8s.pod.name", entry.Intent.Server.Pod);
        return attributes;
    }

    private static void Add(List<KeyValuePair<string, object?>> to, string name, string value)
    {
        if (value.Length > 0)
        {
            to.Add(new(name, Cut(value)));
        }
    }

    private static string Cut(string text) => WireText.Escape(text, LongestText);
}
