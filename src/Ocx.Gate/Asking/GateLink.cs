using System.Diagnostics;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Ocx.Audit.Link;
using Ocx.Audit.Wire;
using Ocx.Text;

namespace Ocx.Gate.Asking;

/// <summary>
/// The stream to the auditor: sends what is in the mailbox, and brings rules and verdicts to it. What has no answer
/// when the stream breaks is asked again.
/// </summary>
/// <param name="auditor">Where the auditor is.</param>
/// <param name="hello">Which gate speaks.</param>
/// <param name="mailbox">Between it and the workers.</param>
/// <param name="logger">Is told of the auditor and its rules.</param>
internal sealed class GateLink(AuditorEndpoint auditor, GateHello hello, AuditorMailbox mailbox, ILogger logger)
    : AuditorConnection<GateMessage, GateOrder>(auditor, LargestOrder, logger)
{
    // Rules of some ten thousand globs.
    private const int LargestOrder = 4 << 20;

    // A verdict's texts, in bytes.
    private const int LongestReason = 1024;
    private const int LongestToken = 512;
    private const int LongestName = 512;

    // The time from a message to the end of the stream for it, at first and at most.
    private static readonly TimeSpan s_refusal = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_longestRefusal = TimeSpan.FromSeconds(2);

    private string? _last;
    private string? _suspect;
    private TimeSpan _refusal = s_refusal;
    private int _oneByOne;

    private volatile bool _hasRules;

    /// <summary>Has an auditor ever said what is held? Safe from any thread.</summary>
    public bool HasRules => _hasRules;

    // Calls wait for it.
    protected override TimeSpan LongestDelay => TimeSpan.FromSeconds(1);

    protected override GateMessage Greeting => new() { Hello = hello };

    protected override AsyncDuplexStreamingCall<GateMessage, GateOrder> Open(
        Audit.Wire.Auditor.AuditorClient client,
        Metadata headers,
        CancellationToken cancellation
    ) => client.Hold(headers, cancellationToken: cancellation);

    protected override void OnGreeted(GateOrder answer)
    {
        if (answer.Rules is not { } rules)
        {
            throw new IOException("it did not begin with rules");
        }

        Take(rules);
    }

    protected override void OnUp()
    {
        Logger.AuditorJudges(Auditor.Address);
        Worked();
        mailbox.Connected();
    }

    protected override void OnDown() => mailbox.Disconnected();

    protected override async Task WriteAsync(IClientStreamWriter<GateMessage> stream, CancellationToken cancellation)
    {
        while (true)
        {
            while (mailbox.Next() is { } message)
            {
                _last = message.Opened?.Key ?? _last;
                await stream.WriteAsync(message, cancellation).ConfigureAwait(false);
                if (message.Opened is not null && _oneByOne > 0)
                {
                    await Task.Delay(_refusal, cancellation).ConfigureAwait(false);
                    _oneByOne--;
                }
            }

            await mailbox.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    protected override void OnMessage(GateOrder message)
    {
        switch (message.BodyCase)
        {
            case GateOrder.BodyOneofCase.Rules:
                Take(message.Rules);
                break;
            case GateOrder.BodyOneofCase.Verdict:
                // One for a call that is over is late, and nobody's.
                mailbox.Answer(message.Verdict.Key, Fitting(message.Verdict), Stopwatch.GetTimestamp());
                break;
        }
    }

    // The auditor does not say which message it means. So what it has not answered is sent again one by one, each with
    // the time to end the stream for it: then it is the last one. On a busy machine the end may come late, for one
    // before it; so it has to be the last one twice, with more time the second time.
    protected override void OnRefused(string reason)
    {
        if (_oneByOne > 0 && _last is { } key)
        {
            if (key != _suspect)
            {
                _suspect = key;
                _refusal = _refusal * 4 < s_longestRefusal ? _refusal * 4 : s_longestRefusal;
            }
            else if (mailbox.Answer(key, null, Stopwatch.GetTimestamp()))
            {
                Logger.QuestionRefused(reason);
                (_suspect, _refusal) = (null, s_refusal);
            }
        }

        _oneByOne = mailbox.Waiting;
    }

    private void Take(GateRules said)
    {
        try
        {
            HoldRules rules = HoldRules.Of(said);
            mailbox.Deliver(rules);
            _hasRules = true;
            Logger.HoldsBy(rules.Audits.Count, string.Join(", ", rules.Audits.Select(audit => audit.Name)));
        }
        catch (FormatException wrong)
        {
            Logger.RulesRefused(WireText.Escape(wrong.Message, 256));
        }
    }

    // Half a token is none.
    private static GateVerdict Fitting(GateVerdict verdict)
    {
        verdict.Reason = CallMessages.Text(verdict.Reason, LongestReason);
        verdict.Audit = CallMessages.Text(verdict.Audit, LongestName);
        verdict.RevertToken = verdict.RevertToken.Length <= LongestToken ? verdict.RevertToken : string.Empty;
        verdict.Approval = verdict.Approval.Length <= LongestToken ? verdict.Approval : string.Empty;
        return verdict;
    }
}
