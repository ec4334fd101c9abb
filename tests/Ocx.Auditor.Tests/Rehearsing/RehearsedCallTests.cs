using System.Net;
using System.Net.Sockets;
using Google.Protobuf;
using Ocx.Audit.Approvals;
using Ocx.Audit.Jury;
using Ocx.Audit.Ledger;
using Ocx.Audit.Wire;
using Ocx.Auditor.Tests.Intake;

namespace Ocx.Auditor.Tests.Rehearsing;

/// <summary>A whole auditor whose audit has calls rehearsed.</summary>
public sealed class RehearsedCallTests
{
    private const string Arguments = """{"filter":null}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Record_and_metrics_tell_of_the_rehearsal()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;
        taken.Stop();
        await using RunningAuditor auditor = await StartAsync(port);
        LedgerEntry entry = await TellAsync(auditor, "delete_orders");
        Assert.Equal((Outcome.Refused, 5000), (entry.Verdict.Outcome, entry.Rehearsal!.State!.RowsDeleted));
        Assert.Equal(["public.users"], entry.Rehearsal.Targets);

        using var http = new HttpClient();
        string metrics = await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/metrics"), Cancellation);
        const string Audit = "namespace=\"\",audit=\"orders\"";
        Assert.Contains(
            $"ocx_auditor_rehearsals_total{{{Audit},outcome=\"Answered\"}} 1",
            metrics,
            StringComparison.Ordinal
        );
        Assert.Contains(
            $"ocx_auditor_rehearsal_duration_seconds_count{{{Audit}}} 1",
            metrics,
            StringComparison.Ordinal
        );
        Assert.Contains($"ocx_auditor_shadows_warm{{{Audit}}} 2", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_person_who_is_asked_sees_what_the_call_would_do()
    {
        await using RunningAuditor auditor = await StartAsync(0, then: "Hold");
        LedgerEntry entry = await TellAsync(auditor, "delete_orders");
        Assert.Equal(Outcome.Held, entry.Verdict.Outcome);
        Approval asked = Assert.Single(await auditor.Approvals.ListAsync(Cancellation));
        Assert.StartsWith(
            "would delete 5000 rows; of public.users; 1 file; ",
            asked.Rehearsal,
            StringComparison.Ordinal
        );
        Assert.Equal(asked.Rehearsal, HoldNotice.Waits(entry, asked, DateTimeOffset.UnixEpoch).Rehearsal);
    }

    private static async Task<RunningAuditor> StartAsync(int port, string then = "Refuse")
    {
        RunningAuditor auditor = await RunningAuditor.StartAsync(
            (_, _) => throw new InvalidOperationException("another audit judges"),
            port
        );
        var spec = RehearsedAudit.Spec();
        spec.Spec.Server!.Port = 3001;
        spec.Spec.Jury!.Jurors![0].Policy!.Rules![0].Then = then;
        auditor.Audits.Replace([RehearsedAudit.Active(new TestShadows(TestShadows.Full), spec)]);
        return auditor;
    }

    private static async Task<LedgerEntry> TellAsync(RunningAuditor auditor, string tool)
    {
        using AgentStream agent = await AgentStream.OpenAsync(auditor.Client);
        string digest = RehearsedAudit.Call(tool, Arguments).ArgumentsDigest;
        await agent.SendAsync(
            1,
            new AgentMessage
            {
                Opened = new Opened
                {
                    Key = "0123456789abcdef0000000000000001",
                    TimeUnixNs = 1,
                    Method = "tools/call",
                    Tool = tool,
                    Arguments = ByteString.CopyFromUtf8(Arguments),
                    ArgumentsComplete = true,
                    ArgumentsDigest = ByteString.CopyFrom(Convert.FromHexString(digest)),
                    Client = new Party { Address = "10.0.0.1:40000" },
                    Server = new Party { Address = "10.0.0.2:3001" },
                },
            }
        );
        await agent.AcknowledgedAsync(1);
        return Assert.Single(await auditor.RecordsAsync());
    }
}
