using System.CommandLine;
using Ocx.Cli.Exits;
using Ocx.Cli.Options;

namespace Ocx.Cli.Clusters;

/// <summary>The options that say which cluster is meant, as kubectl has them.</summary>
internal sealed class ClusterOptions
{
    /// <summary>Where the operator and its agents run.</summary>
    public const string DefaultNamespace = "ocx-system";

    private readonly Option<string?> _kubeconfig = CliOption.Text(
        "--kubeconfig",
        "FILE",
        "The kubeconfig (default: $KUBECONFIG, ~/.kube/config, or the pod's account)"
    );
    private readonly Option<string?> _context = CliOption.Text(
        "--context",
        "NAME",
        "The context of the kubeconfig (default: its current one)"
    );
    private readonly Option<string?> _namespace = CliOption.Text(
        "--operator-namespace",
        "NAME",
        $"The namespace of the operator and its agents (default: where they are found, else {DefaultNamespace})"
    );

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_kubeconfig);
        command.Options.Add(_context);
        command.Options.Add(_namespace);
    }

    /// <summary>Was a cluster named?</summary>
    public bool AreGiven(ParseResult parse) =>
        parse.GetValue(_kubeconfig) is not null || parse.GetValue(_context) is not null;

    /// <summary>Reaches for the cluster.</summary>
    /// <exception cref="CliException">The kubeconfig cannot be used.</exception>
    public Cluster Connect(ParseResult parse) => Cluster.Connect(parse.GetValue(_kubeconfig), parse.GetValue(_context));

    /// <summary>Reaches for the cluster, and for the operator's namespace in it.</summary>
    /// <exception cref="CliException">The kubeconfig cannot be used.</exception>
    public async Task<Cluster> ConnectToOperatorAsync(ParseResult parse, CancellationToken cancellation)
    {
        Cluster cluster = Connect(parse);
        try
        {
            cluster.Namespace =
                parse.GetValue(_namespace)
                ?? await cluster.FindOperatorAsync(cancellation).ConfigureAwait(false)
                ?? cluster.Namespace;
            return cluster;
        }
        catch
        {
            cluster.Dispose();
            throw;
        }
    }
}
