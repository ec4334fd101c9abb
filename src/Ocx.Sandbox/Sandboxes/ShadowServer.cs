using System.Diagnostics;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol;
using Ocx.Audit.Rehearsals;
using Ocx.Sandbox.Events;
using Ocx.Sandbox.Failures;

namespace Ocx.Sandbox.Sandboxes;

/// <summary>
/// A shadow of an MCP server, started and ready for one call. Its processes end with that call, before the evidence is
/// there; its mounts, network and files are gone when it is disposed of.
/// </summary>
public sealed class ShadowServer : IAsyncDisposable
{
    // From a broken connection to the end of six processes, on a busy machine; and for anything else.
    private static readonly TimeSpan s_end = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_moment = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(100);

    private readonly SandboxParts _parts;
    private int _isUsed;

    internal ShadowServer(SandboxParts parts, TimeSpan startTook)
    {
        _parts = parts;
        StartTook = startTook;
    }

    /// <summary>How long it took from the start until the server was ready.</summary>
    public TimeSpan StartTook { get; }

    /// <summary>The protocol revision for which the server was made ready.</summary>
    public string? Revision => _parts.Session.Revision;

    /// <summary>Does its server run no more?</summary>
    public bool HasEnded => _parts.Process.Ended.IsCompleted;

    /// <summary>Calls a tool, ends the sandbox's processes, and looks at what they did.</summary>
    /// <param name="call">The call.</param>
    /// <param name="cancellation">Stops it; the processes end then too.</param>
    /// <returns>The evidence, without what happened in clones: those are not the sandbox's.</returns>
    /// <exception cref="SandboxException">It was used already.</exception>
    public async Task<RehearsalEvidence> CallAsync(SandboxCall call, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(call);
        if (Interlocked.Exchange(ref _isUsed, 1) != 0)
        {
            throw new SandboxException(SandboxFailures.Used, "this sandbox had its call already");
        }

        long start = Stopwatch.GetTimestamp();
        try
        {
            _parts.Files.Begin();
            _parts.Events.Begin();
            Answer answer = await AnswerAsync(call, cancellation);
            TimeSpan took = Stopwatch.GetElapsedTime(start);
            TraceWindow? window = _parts.Events.End();
            await _parts.EndAsync();
            cancellation.ThrowIfCancellationRequested();
            if (!answer.IsWhole && _parts.Group.WasOutOfMemory())
            {
                answer = new Answer(RehearsalOutcome.OutOfMemory, null, null);
            }

            return new RehearsalEvidence
            {
                Outcome = answer.Outcome,
                Failure = answer.Failure,
                Result = answer.Result,
                Took = took,
                Effects = new CallEffects
                {
                    Files = _parts.Files.End(),
                    Processes = window?.Processes(),
                    Network = window?.Network(),
                },
            };
        }
        finally
        {
            await _parts.EndAsync();
        }
    }

    /// <summary>Ends it; nothing of it is left.</summary>
    public ValueTask DisposeAsync()
    {
        Interlocked.Exchange(ref _isUsed, 1);
        return _parts.DisposeAsync();
    }

    private async Task<Answer> AnswerAsync(SandboxCall call, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(call.Timeout);
        // A server that ended answers no more, whatever its connections seem to be.
        _ = _parts.Process.Ended.ContinueWith(
            _ => limit.Cancel(),
            limit.Token,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default
        );
        _ = EndAtWantOfMemoryAsync(limit);
        try
        {
            McpSession session = await _parts.SessionOfAsync(call.Revision, call.Timeout, limit.Token);
            return Answer.Of(await session.CallAsync(call.Tool, call.Arguments, limit.Token));
        }
        catch (McpProtocolException)
        {
            return new Answer(RehearsalOutcome.Refused, null, null);
        }
        catch (SandboxException wrong)
        {
            return new Answer(RehearsalOutcome.NotRehearsed, wrong.Reason, null);
        }
        catch (OperationCanceledException) when (!HasEnded)
        {
            return new Answer(RehearsalOutcome.TimedOut, SandboxFailures.NoAnswer, null);
        }
#pragma warning disable CA1031 // Whatever a hostile server makes of its client, it is no answer.
        catch (Exception wrong)
#pragma warning restore CA1031
        {
            // Its connections end a moment before it does.
            bool isBroken = wrong.GetBaseException() is IOException or SocketException or HttpRequestException;
            await Task.WhenAny(_parts.Process.Ended, Task.Delay(isBroken ? s_end : s_moment, cancellation));
            return new Answer(
                RehearsalOutcome.Died,
                HasEnded ? SandboxFailures.Ended : SandboxFailures.BadAnswer,
                null
            );
        }
        finally
        {
            // For those who still look.
            await limit.CancelAsync();
        }
    }

    // The kernel may end a process without which gVisor waits for ever.
    private async Task EndAtWantOfMemoryAsync(CancellationTokenSource limit)
    {
        CancellationToken ended = limit.Token;
        while (!ended.IsCancellationRequested)
        {
            await Task.Delay(s_look, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_parts.Group.WasOutOfMemory() && !ended.IsCancellationRequested)
            {
                try
                {
                    await limit.CancelAsync();
                }
                catch (ObjectDisposedException)
                {
                    // The answer came meanwhile.
                }
            }
        }
    }

    private sealed record Answer(RehearsalOutcome Outcome, string? Failure, JsonElement? Result)
    {
        public bool IsWhole => Failure is null;

        public static Answer Of(JsonNode? result)
        {
            if (result is JsonObject asked && Is(asked["resultType"], "input_required"))
            {
                return new Answer(RehearsalOutcome.NotRehearsed, SandboxFailures.AsksForInput, null);
            }

            bool hasFailed = result is JsonObject said && said["isError"]?.GetValueKind() == JsonValueKind.True;
            string text = result?.ToJsonString() ?? "null";
            return new Answer(
                hasFailed ? RehearsalOutcome.ToolFailed : RehearsalOutcome.Answered,
                null,
                text.Length <= EffectsLimits.Result ? JsonElement.Parse(text) : null
            );
        }

        private static bool Is(JsonNode? node, string text) =>
            node?.GetValueKind() == JsonValueKind.String && node.GetValue<string>() == text;
    }
}
