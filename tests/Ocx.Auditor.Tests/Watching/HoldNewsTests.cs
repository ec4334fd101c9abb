using System.Net;
using System.Text;
using Google.Protobuf;
using Ocx.Audit.Approvals;
using Ocx.Audit.Intents;
using Ocx.Audit.Jury;
using Ocx.Audit.Wire;
using Ocx.Auditor.Audits;
using Ocx.Auditor.Tests.Intake;
using Ocx.Text;

namespace Ocx.Auditor.Tests.Watching;

/// <summary>Who watches sees calls that wait for a person while a gate holds them.</summary>
public sealed class HoldNewsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_hold_is_told_when_it_begins_and_when_it_ends()
    {
        var terms = new GateTerms(TimeSpan.FromSeconds(55), FailsOpen: false);
        await using RunningAuditor auditor = await RunningAuditor.StartAsync(
            (_, _) => ValueTask.FromResult(new Vote(Ballot.Hold, "look at it\n\u001b[31m")),
            gate: terms
        );
        using GateClient gate = await GateClient.OpenAsync(auditor.Client);
        using var http = new HttpClient(RunningAuditor.Handler(auditor.Socket))
        {
            BaseAddress = new Uri("http://auditor/"),
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using var watched = new StreamReader(
            await http.GetStreamAsync(new Uri("v1/watch", UriKind.Relative), Cancellation)
        );
        DateTimeOffset before = DateTimeOffset.UtcNow;
        await gate.AskAsync(
            new Opened
            {
                Key = GateClient.Key(1),
                TimeUnixNs = 1_700_000_000_000_000_000,
                Method = "tools/call",
                Tool = "get_\u202eorders",
                ArgumentsComplete = true,
                ArgumentsDigest = ByteString.CopyFrom(new byte[32]),
                Client = new Audit.Wire.Party { Address = "10.0.0.1:40000" },
                Server = new Audit.Wire.Party { Address = "10.0.0.2:8080" },
            }
        );
        HoldNotice waits = HoldNotice.Read(await NextAsync(watched));
        Approval asked = Assert.Single(await auditor.Approvals.ListAsync(Cancellation));
        Assert.Equal(
            (GateClient.Key(1), asked.Id, "10.0.0.1", @"get_\u{202e}orders", CallClass.Reversible),
            (waits.Call, waits.Approval, waits.Caller, waits.Tool, waits.Class)
        );
        Assert.Null(waits.Outcome);
        Assert.InRange(waits.Until!.Value, before + (terms.MaxHold / 2), DateTimeOffset.UtcNow + terms.MaxHold);
        Assert.Equal(@"voter: look at it\n\u{1b}[31m", waits.Why);

        await auditor.Approvals.DecideAsync(asked.Id, ApprovalDecision.Approve, "ann", "", Cancellation);
        HoldNotice ended = HoldNotice.Read(await NextAsync(watched));
        Assert.Equal((waits.Call, Outcome.Released, true), (ended.Call, ended.Outcome, ended.Released));
        Assert.InRange(ended.Held, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        Assert.Null(ended.Until);
    }

    // Records and approvals come in between.
    private static async Task<byte[]> NextAsync(StreamReader watched)
    {
        while (true)
        {
            byte[] line = Encoding.UTF8.GetBytes((await watched.ReadLineAsync(Cancellation))!);
            if (WireObject.Parse(line).Text("kind") == HoldNotice.Kind)
            {
                return line;
            }
        }
    }
}
