using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Ocx.Audit.Wire;
using Ocx.Gate;
using Ocx.Gate.Asking;
using Ocx.Gate.Counts;
using Ocx.Gate.Pods;
using Ocx.Gate.Rules;
using Ocx.Kernel.Tests.Harness;

namespace Ocx.Kernel.Tests.Gate;

/// <summary>Pods of a node are gated while the auditor names them, and no rule is left when it does not.</summary>
public sealed class NodeServersTests : KernelTest
{
    private const string Container = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    private readonly string _uid = Guid.NewGuid().ToString();

    [Fact]
    public void A_pod_is_gated_on_the_ports_of_its_audits_and_free_when_it_has_none()
    {
        using var network = new NetworkNamespace();
        using var pod = Pod(network);
        using var mailbox = new AuditorMailbox(HoldRules.None);
        using NodeServers servers = Open(mailbox);

        // Before an auditor has spoken nothing is touched.
        servers.Follow(HoldRules.None);
        Assert.Empty(RulesIn(network));

        FollowUntil(servers, Rules(8080, GateFailurePolicy.Closed), () => servers.Gated == 1);
        Assert.Null(servers.Problem);
        Assert.Null(servers.Pods); // the auditor does not want to know
        servers.Follow(Rules(8080, GateFailurePolicy.Closed, tellGated: true));
        Assert.Equal([_uid], servers.Pods!.Uids);
        Assert.Contains("--dport 8080 -j NFQUEUE --queue-num 20480", RulesIn(network), StringComparison.Ordinal);
        Assert.DoesNotContain("bypass", RulesIn(network), StringComparison.Ordinal);

        // Another port, and another policy: the queue is opened anew for that, and the rules are never away.
        servers.Follow(Rules(9090, GateFailurePolicy.Open));
        Assert.Contains(
            "--sport 9090 -j NFQUEUE --queue-num 20480 --queue-bypass",
            RulesIn(network),
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("8080", RulesIn(network), StringComparison.Ordinal);

        servers.Follow(HoldRules.Of(new GateRules { TellGated = true }));
        Assert.Empty(RulesIn(network));
        Assert.Empty(servers.Pods!.Uids);
        Assert.Equal(0, servers.Gated);
    }

    [Fact]
    public void A_pod_whose_rules_cannot_be_set_is_not_told_of_as_gated()
    {
        using var network = new NetworkNamespace();
        using var pod = Pod(network);
        using var mailbox = new AuditorMailbox(HoldRules.None);
        using NodeServers first = Open(mailbox);
        FollowUntil(first, Rules(8080, GateFailurePolicy.Closed), () => first.Gated == 1);
        using NodeServers second = Open(mailbox);
        FollowUntil(
            second,
            Rules(8080, GateFailurePolicy.Closed, tellGated: true),
            () => second.Problem?.Contains("another", StringComparison.Ordinal) == true
        );
        Assert.Empty(second.Pods!.Uids);
        first.Dispose();
        FollowUntil(
            second,
            Rules(8080, GateFailurePolicy.Closed, tellGated: true),
            () => second.Pods!.Uids.SequenceEqual([_uid])
        );
        second.Stop();
        second.Follow(HoldRules.Of(new GateRules()));
    }

    [Fact]
    public void What_a_gate_leaves_when_it_stops_is_taken_over_or_taken_away()
    {
        using var network = new NetworkNamespace();
        using var pod = Pod(network);
        using var mailbox = new AuditorMailbox(HoldRules.None);
        using (NodeServers first = Open(mailbox))
        {
            FollowUntil(first, Rules(8080, GateFailurePolicy.Closed), () => first.Gated == 1);
            // Another gate's rules are not its to take away as long as that one runs.
            AbandonedRules.Remove();
            Assert.NotEmpty(RulesIn(network));
            first.Stop();
        }

        Assert.Contains("8080", RulesIn(network), StringComparison.Ordinal);
        using (NodeServers second = Open(mailbox))
        {
            FollowUntil(second, Rules(8080, GateFailurePolicy.Closed), () => second.Gated == 1);
            Assert.Contains("8080", RulesIn(network), StringComparison.Ordinal);
            second.Stop();
        }

        // The audit went while no gate was there.
        using (NodeServers third = Open(mailbox))
        {
            third.Follow(HoldRules.Of(new GateRules()));
            Assert.Empty(RulesIn(network));
            FollowUntil(third, Rules(8080, GateFailurePolicy.Closed), () => third.Gated == 1);
            third.Stop();
        }

        Assert.NotEmpty(RulesIn(network));
        Assert.InRange(AbandonedRules.Remove(), 1, int.MaxValue);
        Assert.Empty(RulesIn(network));
    }

    [Fact]
    public void A_pod_that_has_ended_is_let_go()
    {
        using var network = new NetworkNamespace();
        using var mailbox = new AuditorMailbox(HoldRules.None);
        using NodeServers servers = Open(mailbox);
        using (Pod(network))
        {
            FollowUntil(servers, Rules(8080, GateFailurePolicy.Closed), () => servers.Gated == 1);
        }

        FollowUntil(servers, Rules(8080, GateFailurePolicy.Closed), () => servers.Gated == 0);
        AbandonedRules.Remove();
    }

    private PodGroup Pod(NetworkNamespace network)
    {
        var pod = new PodGroup($"kubepods/burstable/pod{_uid}", Container);
        pod.Start("ip", "netns", "exec", network.Name, "sleep", "600");
        return pod;
    }

    private static NodeServers Open(AuditorMailbox mailbox) =>
        new(
            new QueueRange(20480, 1),
            mailbox,
            new GateTotals(),
            (exits, _, _) => new PacketDecider(exits, (ways, id, _, _) => Pass(ways, id)),
            NullLogger.Instance
        );

    private static bool Pass(Ocx.Gate.Holding.IPacketExits exits, uint id)
    {
        exits.Accept(id);
        return true;
    }

    private HoldRules Rules(uint port, GateFailurePolicy policy, bool tellGated = false) =>
        HoldRules.Of(
            new GateRules
            {
                TellGated = tellGated,
                Audits =
                {
                    new GateAudit
                    {
                        Audit = "shop/orders",
                        Port = port,
                        Methods = { "tools/call" },
                        FailurePolicy = policy,
                        MaxHoldNs = 10_000_000_000,
                        Pods =
                        {
                            new GatePod
                            {
                                Namespace = "shop",
                                Name = "orders-1",
                                Uid = _uid,
                            },
                        },
                    },
                },
            }
        );

    private static void FollowUntil(NodeServers servers, HoldRules rules, Func<bool> holds)
    {
        long start = Stopwatch.GetTimestamp();
        do
        {
            servers.Follow(rules);
        } while (!holds() && Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(30));
        Assert.True(holds());
    }

    private static string RulesIn(NetworkNamespace network)
    {
        var start = new ProcessStartInfo("ip", ["netns", "exec", network.Name, "iptables", "-t", "mangle", "-S"])
        {
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        string rules = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return string.Join('\n', rules.Split('\n').Where(line => line.Contains("OCX-GATE", StringComparison.Ordinal)));
    }
}
