using Ocx.Api;
using Ocx.Auditor.Audits;
using Ocx.Auditor.Intake;
using Ocx.Auditor.Pods;
using static Ocx.Auditor.Tests.Pods.PodObjects;

namespace Ocx.Auditor.Tests.Intake;

/// <summary>In a cluster a gate has the audits that select pods of its own node, with these pods.</summary>
public sealed class GateRulesBookTests : IDisposable
{
    private readonly PodIndex _pods = new(TimeProvider.System);
    private readonly AuditSet _audits = new([]);
    private readonly GateRulesBook _book;

    public GateRulesBookTests() => _book = new GateRulesBook(_audits, _pods);

    public void Dispose() => _audits.Dispose();

    [Fact]
    public void Pods_are_those_of_the_node_as_they_come_and_go()
    {
        _audits.Replace([Audit("all", "app", "rows"), Audit("none", "app", "other")]);
        int changes = 0;
        using IDisposable following = _book.Follow("n1", () => changes++);
        Assert.Empty(Rules("n1"));
        Set("a", "n1");
        Set("b", "n1", app: "unrelated");
        Set("c", "n2");
        Assert.Equal(["shop/all: a uid-a"], Rules("n1"));
        Assert.Equal(["shop/all: c uid-c"], Rules("n2"));
        Assert.Equal(2, changes);
        Set("d", "n1", host: 8080);
        Set("e", "n1", host: 9090); // its port is another's
        Assert.Equal(["shop/all: a uid-a, d uid-d host"], Rules("n1"));
        _pods.Remove("shop/a");
        _pods.Remove("shop/d");
        Assert.Empty(Rules("n1"));
        Assert.Equal(6, changes);
        _audits.Replace([]);
        Assert.Equal(7, changes);
        Assert.Empty(Rules("n2"));
        following.Dispose();
        Set("a", "n1");
        Assert.Equal(7, changes);
    }

    private string[] Rules(string node) =>
        [
            .. _book
                .Of(node)
                .Rules.Audits.Select(audit =>
                    $"{audit.Audit}: "
                    + string.Join(
                        ", ",
                        audit.Pods.Select(pod => $"{pod.Name} {pod.Uid}{(pod.HostNetwork ? " host" : string.Empty)}")
                    )
                ),
        ];

    private void Set(string name, string node, string app = "rows", int? host = null)
    {
        PodObject pod = Pod(name, node);
        pod.Metadata.Labels = new Dictionary<string, string> { ["app"] = app };
        pod.Spec!.HostNetwork = host is not null;
        pod.Spec.Containers = [new PodContainer { Ports = [new PodPort { ContainerPort = host }] }];
        _pods.Set($"shop/{name}", pod);
    }

    private static ActiveAudit Audit(string name, string label, string value)
    {
        var audit = new V1Alpha1McpAudit();
        audit.Metadata.Name = name;
        audit.Metadata.NamespaceProperty = "shop";
        audit.Spec.Mode = AuditMode.Enforce;
        audit.Spec.Server = new V1Alpha1AuditServer
        {
            PodSelector = new V1Alpha1PodSelector { MatchLabels = new Dictionary<string, string> { [label] = value } },
        };
        audit.Spec.Jury = new V1Alpha1AuditJury
        {
            Jurors = [new V1Alpha1Juror { Name = "signs", Signal = new V1Alpha1SignalJuror() }],
        };
        var builder = new AuditBuilder(TimeProvider.System, _ => throw new InvalidOperationException(), false);
        ActiveAudit? active = builder.Build(audit);
        Assert.Empty(builder.Problems);
        return active!;
    }
}
