using Ocx.Gate.Rules;

namespace Ocx.Gate.Tests.Rules;

/// <summary>What iptables-restore is told.</summary>
public class RuleTextTests
{
    private static readonly QueueRange s_one = new(20480, 1);

    [Fact]
    public void Where_nothing_is_all_is_made()
    {
        string text = RuleText.Install(
            [new QueuedPort(8080, false), new QueuedPort(443, true)],
            s_one,
            PresentRules.Parse("")
        );
        Assert.Equal(
            """
            *mangle
            :OCX-GATE-IN - [0:0]
            :OCX-GATE-OUT - [0:0]
            -I INPUT 1 -j OCX-GATE-IN
            -A OCX-GATE-IN -m mark --mark 0x6f6378 -j RETURN
            -A OCX-GATE-IN -p tcp -m tcp --dport 443 -j NFQUEUE --queue-num 20480 --queue-bypass
            -A OCX-GATE-IN -p tcp -m tcp --dport 8080 -j NFQUEUE --queue-num 20480
            -I OUTPUT 1 -j OCX-GATE-OUT
            -A OCX-GATE-OUT -m mark --mark 0x6f6378 -j RETURN
            -A OCX-GATE-OUT -p tcp -m tcp --sport 443 -j NFQUEUE --queue-num 20480 --queue-bypass
            -A OCX-GATE-OUT -p tcp -m tcp --sport 8080 -j NFQUEUE --queue-num 20480
            COMMIT

            """,
            text
        );
    }

    [Fact]
    public void Several_queues_are_a_range() =>
        Assert.Contains(
            "-j NFQUEUE --queue-balance 20480:20483\n",
            RuleText.Install([new QueuedPort(1, false)], new QueueRange(20480, 4), PresentRules.Parse("")),
            StringComparison.Ordinal
        );

    [Fact]
    public void A_jump_that_is_first_is_left_alone()
    {
        string text = RuleText.Install(
            [],
            s_one,
            PresentRules.Parse(
                """
                -P INPUT ACCEPT
                -N OCX-GATE-IN
                -N OCX-GATE-OUT
                -A INPUT -j OCX-GATE-IN
                -A INPUT -p udp -j ACCEPT
                -A OUTPUT -p udp -j ACCEPT
                -A OUTPUT -j OCX-GATE-OUT
                """
            )
        );
        Assert.DoesNotContain("INPUT", text, StringComparison.Ordinal);
        // This one is behind another's rule.
        Assert.Contains("-D OUTPUT -j OCX-GATE-OUT\n-I OUTPUT 1 -j OCX-GATE-OUT\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Jumps_that_are_there_more_than_once_become_one()
    {
        string text = RuleText.Install(
            [],
            s_one,
            PresentRules.Parse("-N OCX-GATE-IN\n-A INPUT -j OCX-GATE-IN\n-A INPUT -j OCX-GATE-IN")
        );
        Assert.Contains(
            "-D INPUT -j OCX-GATE-IN\n-D INPUT -j OCX-GATE-IN\n-I INPUT 1 -j OCX-GATE-IN\n",
            text,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void What_is_there_is_taken_away_and_no_more()
    {
        Assert.Equal("", RuleText.Remove(PresentRules.Parse("-P INPUT ACCEPT\n-N MINE\n-A INPUT -j MINE")));
        Assert.Equal(
            """
            *mangle
            -D INPUT -j OCX-GATE-IN
            -F OCX-GATE-IN
            -X OCX-GATE-IN
            -F OCX-GATE-OUT
            -X OCX-GATE-OUT
            COMMIT

            """,
            RuleText.Remove(PresentRules.Parse("-N OCX-GATE-IN\n-N OCX-GATE-OUT\n-A INPUT -j OCX-GATE-IN\n"))
        );
    }

    [Fact]
    public void The_queues_of_rules_that_are_there_are_known()
    {
        PresentRules rules = PresentRules.Parse(
            """
            # Warning: iptables-legacy tables present, use iptables-legacy to see them
            -N OCX-GATE-IN
            -A INPUT -j NFQUEUE --queue-num 5
            -A OCX-GATE-IN -m mark --mark 0x6f6378 -j RETURN
            -A OCX-GATE-IN -p tcp -m tcp --dport 1 -j NFQUEUE --queue-num 7 --queue-bypass
            -A OCX-GATE-IN -p tcp -m tcp --dport 2 -j NFQUEUE --queue-balance 65534:65535
            -A OCX-GATE-IN -p tcp -m tcp --dport 3 -j NFQUEUE --queue-balance 9
            -A OCX-GATE-IN -p tcp -m tcp --dport 4 -j NFQUEUE --queue-num x
            -A OCX-GATE-IN -p tcp -m tcp --dport 5 -j NFQUEUE --queue-num
            """
        );
        Assert.Equal<ushort>([7, 9, 65534, 65535], rules.Queues.Order());
    }

    [Fact]
    public void A_program_that_is_missing_is_said_to_be_missing()
    {
        RulesException missing = Assert.Throws<RulesException>(() => new FilterProgram("ocx-no-iptables").Read());
        Assert.StartsWith("could not start ocx-no-iptables: ", missing.Message, StringComparison.Ordinal);
        Assert.Contains("install the package iptables", missing.Message, StringComparison.Ordinal);
    }
}
