using System.Globalization;
using System.Text;
using Ocx.Audit.Wire;
using Ocx.Auditor.Deciding;
using Ocx.Auditor.Intake;
using Prometheus;

namespace Ocx.Auditor.Tests.Intake;

/// <summary>What an agent lost is counted once, over all streams of its life.</summary>
public sealed class AgentInstancesTests
{
    private readonly CollectorRegistry _registry = Metrics.NewCustomRegistry();
    private readonly AgentInstances _instances;

    public AgentInstancesTests() =>
        _instances = new AgentInstances(new AuditorMetrics(Metrics.WithCustomRegistry(_registry)));

    [Fact]
    public async Task A_second_stream_does_not_count_again()
    {
        _instances.Open("a", "n1").Note(Lost(5, 0));
        Assert.Equal((5, 0), await CountedAsync());
        _instances.Open("a", "n1").Note(Lost(5, 2));
        _instances.Open("a", "n1").Note(Lost(7, 2));
        Assert.Equal((7, 2), await CountedAsync());
        _instances.Open("b", "n1").Note(Lost(1, 1));
        Assert.Equal((8, 3), await CountedAsync());
    }

    [Fact]
    public async Task What_comes_late_counts_nothing_off()
    {
        AgentInstance agent = _instances.Open("a", "n1");
        agent.Note(Lost(7, 0));
        agent.Note(Lost(3, 0));
        agent.Note(Lost(7, 0));
        Assert.Equal((7, 0), await CountedAsync());
    }

    [Fact]
    public void An_instance_is_one_nodes()
    {
        AgentInstance first = _instances.Open("a", "n1");
        Assert.NotSame(first, _instances.Open("a", "n2"));
        Assert.Same(first, _instances.Open("a", "n1"));
    }

    [Fact]
    public async Task The_one_unheard_of_the_longest_is_forgotten()
    {
        _instances.Open("stays", "n1").Note(Lost(1, 0));
        for (int i = 0; i < AgentInstances.Most; i++)
        {
            _ = _instances.Open($"other-{i}", "n1");
            if (i == AgentInstances.Most / 2)
            {
                _instances.Open("stays", "n1").Note(Lost(1, 0));
            }
        }

        _instances.Open("stays", "n1").Note(Lost(1, 0));
        Assert.Equal((1, 0), await CountedAsync());
        Assert.NotNull(_instances.Open("other-0", "n2")); // is not known any more
    }

    private static Lost Lost(ulong full, ulong refused)
    {
        var lost = new Lost();
        lost.Counts.Add(new LostCount { Reason = LostReason.Full, Opened = full });
        lost.Counts.Add(new LostCount { Reason = LostReason.Refused, Closed = refused });
        return lost;
    }

    private async Task<(double Full, double Refused)> CountedAsync()
    {
        using var text = new MemoryStream();
        await _registry.CollectAndExportAsTextAsync(text, TestContext.Current.CancellationToken);
        string[] lines = Encoding.UTF8.GetString(text.ToArray()).Split('\n');
        return (Of("full"), Of("refused"));

        double Of(string reason) =>
            lines.FirstOrDefault(line =>
                line.StartsWith($"ocx_auditor_messages_lost_total{{reason=\"{reason}\"}}", StringComparison.Ordinal)
            )
                is { } line
                ? double.Parse(line.Split(' ')[^1], CultureInfo.InvariantCulture)
                : 0;
    }
}
