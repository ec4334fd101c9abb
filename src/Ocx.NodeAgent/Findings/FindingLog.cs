using Microsoft.Extensions.Logging;
using Ocx.Api;
using Ocx.Mcp.JsonRpc;
using Ocx.Mcp.Records;
using Ocx.NodeAgent.Calls;
using Ocx.NodeProgram;
using Ocx.Text;

namespace Ocx.NodeAgent.Findings;

/// <summary>
/// Looks through calls for what an administrator should know. Each finding is counted; of a kind and a server the first
/// is told at once and then at most one an hour, by a clock that nobody sets. Calls come on one thread; what was found
/// can be read from any. See docs/findings.md.
/// </summary>
/// <param name="logger">The log.</param>
/// <param name="clock">What time passes by; null for the system's.</param>
internal sealed class FindingLog(ILogger<FindingLog> logger, TimeProvider? clock = null) : ICallObserver
{
    /// <summary>The most pairs of kind and server that are told of; what is beyond is only counted.</summary>
    public const int MaxTold = 1024;

    private static readonly TimeSpan s_quiet = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_sweep = TimeSpan.FromMinutes(1);

    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private readonly Lock _lock = new();
    private readonly ToolLists _tools = new();
    private readonly Dictionary<string, ulong> _counts = FindingKind.All.ToDictionary(
        kind => kind,
        _ => 0UL,
        StringComparer.Ordinal
    );
    private readonly Dictionary<(string Kind, ServerKey Server), Told> _told = [];
    private long _swept;

    /// <inheritdoc/>
    public void OnCall(CallRecord call)
    {
        if (call.Deprecated != McpDeprecated.None)
        {
            Found(FindingKind.DeprecatedFeature, call);
        }
        if (call.FromServer)
        {
            return;
        }
        if (call.CredentialInArguments)
        {
            Found(FindingKind.CredentialInArguments, call);
        }
        if (call.HeaderMismatch)
        {
            Found(FindingKind.HeaderMismatch, call);
        }
        if (call.ServerIdentity is { PortDeclared: false })
        {
            Found(FindingKind.UndeclaredPort, call);
        }
        // A server that refuses is no finding: 401 and 403 are what it should answer.
        if (call.HttpStatus is >= 200 and < 300)
        {
            JudgeServed(call);
        }
        if (call.Tools is { } tools && _tools.Learn(ServerKey.Of(call), tools, _clock.GetTimestamp()) is { } change)
        {
            Found(FindingKind.ToolsChanged, call, change);
        }
    }

    /// <summary>The newest findings, as a report has them; null when there are none.</summary>
    public IReadOnlyList<Finding>? Newest()
    {
        lock (_lock)
        {
            return _told.Count == 0
                ? null
                :
                [
                    .. _told
                        .OrderByDescending(told => told.Value.Seen)
                        .Take(Finding.MaxReported)
                        .Select(told => told.Value.ToFinding(told.Key.Kind)),
                ];
        }
    }

    /// <summary>Adds the counts.</summary>
    public void Render(MetricsText text)
    {
        lock (_lock)
        {
            text.Counter(
                "ocx_agent_findings",
                "What an administrator should look at, by kind; see the log for where.",
                FindingKind.All.Select(kind => ($"{{kind=\"{kind}\"}}", _counts[kind]))
            );
        }
    }

    // What asks for authorization may let anyone shake hands and read the lists: only what does or reveals something is
    // judged.
    private void JudgeServed(CallRecord call)
    {
        if (
            call is
            {
                Status: CallStatus.Ok or CallStatus.InputRequired,
                HasCredential: false,
                Method: "tools/call" or "resources/read" or "prompts/get"
            }
        )
        {
            Found(FindingKind.NoAuthorization, call);
        }
        if (
            call is
            {
                Status: CallStatus.Ok or CallStatus.InputRequired or CallStatus.ToolError,
                ForeignOrigin.Origin.Length: > 0
            }
        )
        {
            Found(FindingKind.OriginMismatch, call);
        }
    }

    private void Found(string kind, CallRecord call, string? change = null)
    {
        ServerKey server = ServerKey.Of(call);
        long now = _clock.GetTimestamp();
        string? message = null;
        lock (_lock)
        {
            _counts[kind]++;
            if (!_told.TryGetValue((kind, server), out Told? told))
            {
                if (!HasRoom(now))
                {
                    return;
                }
                _told.Add((kind, server), told = new Told(server.ToString()));
            }
            told.Count++;
            (told.Seen, told.LastSeen) = (now, _clock.GetUtcNow());
            if (told.Message.Length == 0 || _clock.GetElapsedTime(told.At, now) >= s_quiet)
            {
                message = told.Message = WireText.Escape(
                    FindingMessages.Of(kind, call, change),
                    Finding.LongestMessage
                );
                told.At = now;
            }
        }
        if (message is not null)
        {
            var address = call.Server.ToString();
            if (call.ServerIdentity?.Pod is { Length: > 0 } pod)
            {
                logger.Found(kind, server.ToString(), address, WireText.Escape(pod, Finding.LongestServer), message);
            }
            else
            {
                logger.FoundOutsideOfPods(kind, server.ToString(), address, message);
            }
        }
    }

    private bool HasRoom(long now)
    {
        if (_told.Count >= MaxTold && _clock.GetElapsedTime(_swept, now) >= s_sweep)
        {
            _swept = now;
            foreach (
                var old in _told
                    .Where(told => _clock.GetElapsedTime(told.Value.Seen, now) >= s_quiet)
                    .Select(told => told.Key)
                    .ToList()
            )
            {
                _told.Remove(old);
            }
        }
        return _told.Count < MaxTold;
    }

    private sealed class Told(string server)
    {
        public string Message { get; set; } = string.Empty;

        public long Count { get; set; }

        public long At { get; set; }

        public long Seen { get; set; }

        public DateTimeOffset LastSeen { get; set; }

        public Finding ToFinding(string kind) =>
            new()
            {
                Kind = kind,
                Server = server,
                Message = Message,
                Count = Count,
                LastSeen = DateTime.UnixEpoch.AddSeconds(LastSeen.ToUnixTimeSeconds()),
            };
    }
}
