using System.CommandLine;
using Ocx.Cli.Options;
using Ocx.Mcp.Records;

namespace Ocx.Cli.Observe;

/// <summary>
/// Which calls are wanted: those that fit all that is given. A <c>*</c> at the end of a name stands for anything.
/// </summary>
internal sealed record CallFilter
{
    /// <summary>The client's or the server's namespace.</summary>
    public string? Namespace { get; init; }

    /// <summary>The client's or the server's pod.</summary>
    public string? Pod { get; init; }

    /// <summary>Tool, prompt or resource.</summary>
    public string? Tool { get; init; }

    /// <summary>The JSON-RPC method.</summary>
    public string? Method { get; init; }

    /// <summary>The node that saw it, or that one of the two runs on.</summary>
    public string? Node { get; init; }

    /// <summary>How it ended, one of these; empty for any.</summary>
    public IReadOnlyList<string> Statuses { get; init; } = [];

    /// <summary>The shortest that is wanted.</summary>
    public TimeSpan MinDuration { get; init; }

    /// <summary>Is this call wanted?</summary>
    public bool Takes(RecordedCall call) =>
        call.Duration >= MinDuration
        && (Statuses.Count == 0 || Statuses.Contains(call.Status))
        && Fits(Method, call.Method)
        && Fits(Tool, call.Name)
        && FitsAnEnd(Namespace, call, end => end.Namespace)
        && FitsAnEnd(Pod, call, end => end.Pod)
        && (Fits(Node, call.Node) || FitsAnEnd(Node, call, end => end.Node));

    private static bool FitsAnEnd(string? wanted, RecordedCall call, Func<PeerIdentity, string> of) =>
        Fits(wanted, of(call.Client.Identity))
        || Fits(wanted, of(call.Server.Identity))
        || (call.Client.Via is { } via && Fits(wanted, of(via.Identity)));

    private static bool Fits(string? wanted, string value) =>
        wanted is null
        || (
            wanted.EndsWith('*')
                ? value.AsSpan().StartsWith(wanted.AsSpan(..^1), StringComparison.Ordinal)
                : value == wanted
        );
}

/// <summary>The options of a <see cref="CallFilter"/>.</summary>
internal sealed class FilterOptions
{
    private static readonly string[] s_statuses = [.. Enum.GetValues<CallStatus>().Select(CallRecordWriter.Name)];

    private readonly Option<string?> _namespace = CliOption.Text(
        "--namespace",
        "NAME",
        "Only calls whose client or server is in this namespace",
        "-n"
    );
    private readonly Option<string?> _pod = CliOption.Text(
        "--pod",
        "NAME",
        "Only calls whose client or server is this pod; a * at the end stands for anything"
    );
    private readonly Option<string?> _tool = CliOption.Text(
        "--tool",
        "NAME",
        "Only calls of this tool, prompt or resource; a * at the end stands for anything"
    );
    private readonly Option<string?> _method = CliOption.Text(
        "--method",
        "NAME",
        "Only calls of this JSON-RPC method, such as tools/call or tools/*"
    );
    private readonly Option<IReadOnlyList<string>?> _status = CliOption.Of<IReadOnlyList<string>?>(
        "--status",
        "STATUSES",
        ReadStatuses,
        $"Only calls that ended so, a comma list of {string.Join(", ", s_statuses)}"
    );
    private readonly Option<TimeSpan> _minDuration = CliOption.Of(
        "--min-duration",
        "DURATION",
        OptionParsers.Duration,
        "Only calls that took at least so long"
    );

    /// <summary>Describes the options.</summary>
    public FilterOptions() => _status.CompletionSources.Add(s_statuses);

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_namespace, _pod, _tool, _method, _status, _minDuration])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>The filter that a command line asks for.</summary>
    public CallFilter Read(ParseResult parse, string? node) =>
        new()
        {
            Namespace = parse.GetValue(_namespace),
            Pod = parse.GetValue(_pod),
            Tool = parse.GetValue(_tool),
            Method = parse.GetValue(_method),
            Node = node,
            Statuses = parse.GetValue(_status) ?? [],
            MinDuration = parse.GetValue(_minDuration),
        };

    private static IReadOnlyList<string> ReadStatuses(string text) =>
        text.Split(',') is var statuses && statuses.Except(s_statuses).FirstOrDefault() is { } unknown
            ? throw new FormatException($"'{unknown}' is no status: want {string.Join(", ", s_statuses)}")
            : statuses;
}
