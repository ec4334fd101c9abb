using Ocx.Mcp.Records;
using Ocx.NodeAgent.Attribution;
using Xunit;

namespace Ocx.NodeAgent.Tests;

public class NodePodTests
{
    [Theory]
    [InlineData("ReplicaSet", "web-7d4b9c", "7d4b9c", "deployment/web")]
    [InlineData("ReplicaSet", "web-7d4b9c", "other", "replicaset/web-7d4b9c")]
    [InlineData("ReplicaSet", "web", "", "replicaset/web")]
    [InlineData("StatefulSet", "db", "", "statefulset/db")]
    [InlineData("DaemonSet", "agent", "", "daemonset/agent")]
    [InlineData("Job", "nightly-29001", "", "job/nightly-29001")]
    [InlineData("Rollout", "canary", "", "rollout/canary")]
    [InlineData("Node", "worker-1", "", "")]
    public void A_workload_is_named_as_kubectl_names_it(string kind, string owner, string hash, string expected) =>
        Assert.Equal(
            expected,
            PodDocument(
                $$"""
                "labels":{"pod-template-hash":"{{hash}}"},"ownerReferences":[
                {"apiVersion":"v1","kind":"Other","name":"no-controller","uid":"1"},
                {"apiVersion":"v1","kind":"{{kind}}","name":"{{owner}}","uid":"2","controller":true}]
                """,
                """[{"name":"main"}]"""
            ).Workload
        );

    [Fact]
    public void A_pod_that_stands_alone_has_no_workload() =>
        Assert.Equal("", PodDocument(""" "labels":{} """, "[]").Workload);

    [Fact]
    public void The_only_container_is_named_at_either_end()
    {
        NodePod pod = PodDocument(""" "labels":{} """, """[{"name":"main"}]""");
        Assert.Equal("main", pod.Identify("n", null, serverPort: null).Container);
        Assert.Equal("main", pod.Identify("n", null, serverPort: 8080).Container);
    }

    [Fact]
    public void Of_several_containers_the_one_that_declares_the_port_is_named_and_a_client_is_not()
    {
        NodePod pod = PodDocument(
            """ "labels":{} """,
            """
            [{"name":"mcp","ports":[{"containerPort":8080,"protocol":"TCP"}]},
             {"name":"dns","ports":[{"containerPort":9000,"protocol":"UDP"}]},{"name":"proxy"}]
            """
        );
        PeerIdentity server = pod.Identify("n", null, serverPort: 8080);
        Assert.Equal(("mcp", (bool?)true), (server.Container, server.PortDeclared));
        Assert.Equal(
            ("", (bool?)false),
            (
                pod.Identify("n", null, serverPort: 9000).Container,
                pod.Identify("n", null, serverPort: 9000).PortDeclared
            )
        );
        Assert.Equal(
            ("", (bool?)null),
            (
                pod.Identify("n", null, serverPort: null).Container,
                pod.Identify("n", null, serverPort: null).PortDeclared
            )
        );
    }

    [Fact]
    public void Whether_a_port_is_declared_is_not_known_where_none_is() =>
        Assert.Null(
            PodDocument(""" "labels":{} """, """[{"name":"main"}]""").Identify("n", null, serverPort: 8080).PortDeclared
        );

    [Fact]
    public void A_container_that_initialises_the_pod_calls_too_so_no_container_is_the_only_one()
    {
        NodePod pod = NodePod.From(
            PodDocuments.Read(
                """
                {"metadata":{"name":"a","namespace":"work","uid":"u"},
                 "spec":{"containers":[{"name":"main"}],"initContainers":[{"name":"prepare"}]}}
                """
            )
        );
        Assert.Equal("", pod.Identify("n", null, serverPort: null).Container);
    }

    [Fact]
    public void A_container_is_found_by_the_runtimes_id()
    {
        NodePod pod = NodePod.From(
            PodDocuments.Read(
                """
                {"metadata":{"name":"a","namespace":"work","uid":"u"},
                 "spec":{"containers":[{"name":"main"},{"name":"proxy"}]},
                 "status":{"containerStatuses":[
                  {"name":"proxy","containerID":"containerd://0123abcd"},{"name":"main"}]}}
                """
            )
        );
        Assert.Equal("proxy", pod.ContainerOf("0123abcd"));
        Assert.Null(pod.ContainerOf("4567"));
    }

    private static NodePod PodDocument(string metadata, string containers) =>
        NodePod.From(
            PodDocuments.Read(
                $$$"""{"metadata":{"name":"a","namespace":"work","uid":"u",{{{metadata}}}}"""
                    + $$$""","spec":{"containers":{{{containers}}}}}"""
            )
        );
}
