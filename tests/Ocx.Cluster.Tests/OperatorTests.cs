namespace Ocx.Cluster.Tests;

/// <summary>The operator's pods are replaced while taps are in use.</summary>
public sealed class OperatorTests(Release release)
{
    [Fact]
    public Task Operators_that_are_deleted_under_traffic_are_not_missed_and_the_counts_catch_up() =>
        release.LosesNothingAsync(
            "headless",
            calls: 150,
            () =>
                release.KubectlAsync(
                    "-n",
                    Release.Namespace,
                    "delete",
                    "pods",
                    "-l",
                    "app.kubernetes.io/name=ocx-tap",
                    "--wait=false"
                )
        );

    [Fact]
    public Task An_upgrade_under_traffic_leaves_agents_and_counts_alone() =>
        release.LosesNothingAsync(
            "kept",
            calls: 200,
            () => release.InstallAsync("operator.podAnnotations.changed=yes")
        );
}
