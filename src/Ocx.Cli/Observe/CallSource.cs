using System.CommandLine;
using System.Runtime.CompilerServices;
using Ocx.Cli.Calls;
using Ocx.Cli.Clusters;
using Ocx.Cli.Exits;
using Ocx.Cli.Options;
using Ocx.Cli.Terminals;
using Ocx.Mcp.Records;

namespace Ocx.Cli.Observe;

/// <summary>Where calls come from and which are wanted: the options of <c>ocx observe</c> and <c>ocx top</c>.</summary>
internal sealed class CallSource
{
    private const int LargestTail = 100_000;

    // What the last calls may take before they are shown: those of a few MiB each are fewer than were asked for.
    private const long MostHeld = 64 << 20;

    // A call's line is written after its end, by another machine's clock.
    private static readonly TimeSpan s_overlap = TimeSpan.FromSeconds(2);

    private readonly Option<string?> _input = CliOption.Text(
        "--input",
        "FILE",
        "Read an agent's output from a file, or from standard input with -, instead of a cluster"
    );
    private readonly Option<TimeSpan?> _since = CliOption.Of<TimeSpan?>(
        "--since",
        "DURATION",
        text => OptionParsers.Duration(text),
        "Calls of the last so long, such as 5m"
    );
    private readonly Option<int?> _tail = CliOption.Of<int?>(
        "--tail",
        "CALLS",
        text => OptionParsers.Count(text, LargestTail),
        "At most so many calls of those that are there, the last ones"
    );
    private readonly Option<string?> _tap = CliOption.Text("--tap", "NAME", "Only the agents of this McpTap");
    private readonly Option<string?> _node = CliOption.Text("--node", "NAME", "Only the agent on this node");
    private readonly FilterOptions _filter = new();
    private readonly ClusterOptions _cluster = new();

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_input, _since, _tail, _tap, _node])
        {
            command.Options.Add(option);
        }

        _filter.AddTo(command);
        _cluster.AddTo(command);
    }

    /// <summary>Do calls come from standard input?</summary>
    public bool IsStandardInput(ParseResult parse) => parse.GetValue(_input) == "-";

    /// <summary>
    /// The calls that a command line asks for; with follow, until the input ends or the command is stopped.
    /// </summary>
    public async IAsyncEnumerable<RecordedCall> ReadAsync(
        ParseResult parse,
        Terminal terminal,
        bool follow,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        var skipped = new SkippedLines(terminal);
        string? tap = parse.GetValue(_tap),
            node = parse.GetValue(_node);
        CallFilter filter = _filter.Read(parse, node);
        DateTimeOffset? since = parse.GetValue(_since) is { } ago ? DateTimeOffset.UtcNow - ago : null;
        if (parse.GetValue(_input) is { } input)
        {
            if (tap is not null)
            {
                throw CliException.CannotStart("--tap is for a cluster, not for --input");
            }

            using Stream stream = input == "-" ? terminal.Input : Open(input);
            IAsyncEnumerable<RecordedCall> inputs = CallLog
                .ReadAsync(stream, skipped, cancellation)
                .Where(call => filter.Takes(call) && !(call.EndTime < since));
            await foreach (
                RecordedCall call in LastOf(inputs, parse.GetValue(_tail), cancellation).ConfigureAwait(false)
            )
            {
                yield return call;
            }

            skipped.Finish();
            yield break;
        }

        using Cluster cluster = await _cluster.ConnectToOperatorAsync(parse, cancellation).ConfigureAwait(false);
        var logs = new AgentLogs(cluster, tap, node, skipped, terminal);
        await foreach (
            RecordedCall call in Calls(logs, follow, since, parse.GetValue(_tail), filter, cancellation)
                .ConfigureAwait(false)
        )
        {
            yield return call;
        }

        skipped.Finish();
    }

    private static async IAsyncEnumerable<RecordedCall> Calls(
        AgentLogs logs,
        bool follow,
        DateTimeOffset? since,
        int? tail,
        CallFilter filter,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        // What is there is read first, and is known when the logs that are followed give it once more.
        var shown = new RecentLines(LargestTail);
        DateTimeOffset begun = DateTimeOffset.UtcNow;
        if (!follow || tail is not null)
        {
            IAsyncEnumerable<RecordedCall> there = logs.ReadAsync(since, mayBeNone: follow, cancellation)
                .Where(filter.Takes);
            await foreach (RecordedCall call in LastOf(there, tail, cancellation).ConfigureAwait(false))
            {
                if (follow)
                {
                    shown.Add(call.Json.Span);
                }

                yield return call;
            }

            since = begun - s_overlap;
        }

        if (!follow)
        {
            yield break;
        }

        // Without a word about earlier calls, following begins now.
        await foreach (
            RecordedCall call in logs.FollowAsync(since, cancellation).Where(filter.Takes).ConfigureAwait(false)
        )
        {
            if (tail is null || shown.Add(call.Json.Span))
            {
                yield return call;
            }
        }
    }

    // All of them, or the last so many.
    private static async IAsyncEnumerable<RecordedCall> LastOf(
        IAsyncEnumerable<RecordedCall> calls,
        int? count,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        var last = new Queue<RecordedCall>();
        long held = 0;
        await foreach (RecordedCall call in calls.WithCancellation(cancellation).ConfigureAwait(false))
        {
            if (count is null)
            {
                yield return call;
                continue;
            }

            last.Enqueue(call);
            held += call.Json.Length;
            while (last.Count > count || held > MostHeld)
            {
                held -= last.Dequeue().Json.Length;
            }
        }

        while (last.TryDequeue(out RecordedCall? next))
        {
            yield return next;
        }
    }

    private static FileStream Open(string path)
    {
        try
        {
            return File.OpenRead(path);
        }
        catch (Exception wrong)
            when (wrong is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw CliException.CannotStart($"cannot open {path}: {wrong.Message}", wrong);
        }
    }
}
