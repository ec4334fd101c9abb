using Ocx.Auditor.Options;

namespace Ocx.Auditor.Tests.CommandLine;

/// <summary>Audits are of a file or of the cluster, and each has its own options.</summary>
public sealed class ClusterCommandTests
{
    private static readonly string[] s_cluster =
    [
        "--cluster",
        "--grpc-port",
        "9443",
        "--tls",
        "/etc/ocx/tls",
        "--agents",
        "ocx-system/ocx-tap-agent",
    ];

    [Fact]
    public void The_options_of_a_cluster_are_read()
    {
        var command = new AuditorCommand();
        var parse = command.Root.Parse(s_cluster);
        Assert.Empty(parse.Errors);
        AuditorOptions options = command.Read(parse);
        Assert.Null(options.Audits);
        ClusterOptions cluster = Assert.IsType<ClusterOptions>(options.Cluster);
        Assert.Equal(
            (9443, "/etc/ocx/tls", "ocx-system", "ocx-tap-agent", "ocx-system:ocx-tap-auditor"),
            (cluster.GrpcPort, cluster.Tls, cluster.Agents.Namespace, cluster.Agents.Name, cluster.Account)
        );
        Assert.Null(cluster.Gates);
        Assert.False(cluster.SetsGatedCondition);
        parse = command.Root.Parse([.. s_cluster, "--gates", "ocx-system/ocx-tap-gate", "--readiness-gate"]);
        Assert.Equal("system:serviceaccount:ocx-system:ocx-tap-gate", command.Read(parse).Cluster?.Gates?.User);
        Assert.True(command.Read(parse).Cluster?.SetsGatedCondition);
    }

    [Fact]
    public void A_file_needs_nothing_of_a_cluster()
    {
        var command = new AuditorCommand();
        var parse = command.Root.Parse(["--audits", "a.yaml"]);
        Assert.Empty(parse.Errors);
        Assert.Null(command.Read(parse).Cluster);
    }

    [Theory]
    [InlineData("give either --audits FILE or --cluster", "")]
    [InlineData("give either --audits FILE or --cluster", "--cluster --audits a --grpc-port 1 --tls a --agents a/b")]
    [InlineData("--cluster needs --grpc-port", "--cluster --tls a --agents a/b")]
    [InlineData("--cluster needs --tls", "--cluster --grpc-port 1 --agents a/b")]
    [InlineData("--cluster needs --agents", "--cluster --grpc-port 1 --tls a")]
    [InlineData("--tls goes with --cluster", "--audits a --tls a")]
    [InlineData("--secrets goes with --audits", "--cluster --grpc-port 1 --tls a --agents a/b --secrets s")]
    [InlineData("--grpc-port 0: want a port", "--cluster --grpc-port 0 --tls a --agents a/b")]
    [InlineData("--gates goes with --cluster", "--audits a --gates a/b")]
    [InlineData("--readiness-gate goes with --gates", "--cluster --grpc-port 1 --tls a --agents a/b --readiness-gate")]
    [InlineData("--gates b: want NAMESPACE/NAME", "--cluster --grpc-port 1 --tls a --agents a/b --gates b")]
    [InlineData("--agents a: want NAMESPACE/NAME", "--cluster --grpc-port 1 --tls a --agents a")]
    public void What_does_not_go_together_is_said(string problem, string line) =>
        Assert.Contains(
            new AuditorCommand().Root.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Errors,
            error => error.Message.StartsWith(problem, StringComparison.Ordinal)
        );
}
