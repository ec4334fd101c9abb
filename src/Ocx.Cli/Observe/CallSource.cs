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
        "LINES",
        text => OptionParsers.Count(text),
        "At most so many last lines of each agent's log"
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
            if (tap is not null || parse.GetValue(_tail) is not null)
            {
                throw CliException.CannotStart("--tap and --tail are for a cluster, not for --input");
            }

            using Stream stream = input == "-" ? terminal.Input : Open(input);
            await foreach (RecordedCall call in CallLog.ReadAsync(stream, skipped, cancellation).ConfigureAwait(false))
            {
                if (filter.Takes(call) && !(call.EndTime < since))
                {
                    yield return call;
                }
            }

            skipped.Finish();
            yield break;
        }

        using Cluster cluster = _cluster.Connect(parse);
        var logs = new AgentLogs(cluster, tap, node, skipped, terminal);
        int? tail = parse.GetValue(_tail);
        // Without a word about earlier calls, following begins now.
        IAsyncEnumerable<RecordedCall> calls = follow
            ? logs.FollowAsync(since, tail ?? (since is null ? 0 : null), cancellation)
            : logs.ReadAsync(since, tail, cancellation);
        await foreach (RecordedCall call in calls.ConfigureAwait(false))
        {
            if (filter.Takes(call))
            {
                yield return call;
            }
        }

        skipped.Finish();
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
