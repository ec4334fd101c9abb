namespace Ocx.ControlPlane.Tests;

public sealed class LifeCycleTests(Cluster cluster) : IClassFixture<Cluster>
{
    [Fact]
    public async Task An_applied_tap_gets_its_account_and_its_DaemonSet_and_all_of_it_goes_with_the_tap()
    {
        await using var leader = cluster.StartOperator();
        await leader.LeadsAsync();
        try { await cluster.CreateTapAsync("life"); } catch { File.WriteAllText("/tmp/api.log", cluster.ControlPlane.ApiServerLog); throw; }
        var elapsed = await cluster.DaemonSetExistsAsync("life");
        TestContext.Current.TestOutputHelper!.WriteLine($"DaemonSet after {elapsed.TotalMilliseconds:F0} ms\n{leader.Process.Output}");
        Assert.True(elapsed < TimeSpan.FromSeconds(1), $"The DaemonSet came after {elapsed}.");

        var set = (await cluster.DaemonSetAsync("life"))!;
        Assert.Equal("ocx-agent-life", set.Spec.Template.Spec.ServiceAccountName);
        await Eventually.TrueAsync(
            async () => (await cluster.TapAsync("life")).Status?.Conditions?.Single(condition => condition.Type == "Ready") is { Status: "False", Reason: "NoNodes" or "Pending" },
            TimeSpan.FromSeconds(10), "a tap without nodes is not ready");

        await cluster.DeleteTapAsync("life");
        if (cluster.ControlPlane.HasControllerManager)
        {
            await Eventually.TrueAsync(async () => await cluster.DaemonSetAsync("life") is null, TimeSpan.FromSeconds(60), "the garbage collector removes the DaemonSet");
        }
    }
}
