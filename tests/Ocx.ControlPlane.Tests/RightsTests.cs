namespace Ocx.ControlPlane.Tests;

/// <summary>What docs/security.md says of the accounts' rights, asked of the API server itself.</summary>
public sealed class RightsTests(Cluster cluster)
{
    private const string Operator = "ocx-tap-operator";
    private const string Reports = "ocx.dev/mcptapreports";

    [Theory]
    [InlineData(Operator, "list", "ocx.dev/mcptaps", true)]
    [InlineData(Operator, "create", "ocx.dev/mcptaps", false)]
    [InlineData(Operator, "patch", "ocx.dev/mcptaps", false)]
    [InlineData(Operator, "patch", "ocx.dev/mcptaps/status", true)]
    [InlineData(Operator, "patch", Reports, true)]
    [InlineData(Operator, "delete", Reports, true)]
    [InlineData(Operator, "create", Reports, false)]
    [InlineData(Operator, "get", Reports, false)]
    [InlineData(Operator, "patch", "apps/daemonsets", true)]
    [InlineData(Operator, "delete", "apps/daemonsets", false)]
    [InlineData(Operator, "list", "/serviceaccounts", false)]
    [InlineData(Operator, "create", "/serviceaccounts", false)]
    [InlineData(Operator, "create", "rbac.authorization.k8s.io/roles", false)]
    [InlineData(Operator, "patch", "rbac.authorization.k8s.io/roles", false)]
    [InlineData(Operator, "create", "rbac.authorization.k8s.io/rolebindings", false)]
    [InlineData(Operator, "list", "/pods", true)]
    [InlineData(Operator, "watch", "/pods", true)]
    [InlineData(Operator, "get", "/pods", false)]
    [InlineData(Operator, "get", "/pods/log", false)]
    [InlineData(Operator, "create", "/pods", false)]
    [InlineData(Operator, "delete", "/pods", false)]
    [InlineData(Operator, "list", "/events", true)]
    [InlineData(Operator, "watch", "/events", false)]
    [InlineData(Operator, "create", "/events", false)]
    [InlineData(Operator, "get", "/secrets", false)]
    [InlineData(Cluster.AgentAccount, "get", Reports, true)]
    [InlineData(Cluster.AgentAccount, "create", Reports, true)]
    [InlineData(Cluster.AgentAccount, "patch", Reports, true)]
    [InlineData(Cluster.AgentAccount, "list", Reports, false)]
    [InlineData(Cluster.AgentAccount, "update", Reports, false)]
    [InlineData(Cluster.AgentAccount, "delete", Reports, false)]
    [InlineData(Cluster.AgentAccount, "list", "/pods", true)]
    [InlineData(Cluster.AgentAccount, "get", "/secrets", false)]
    [InlineData(Cluster.AgentAccount, "list", "ocx.dev/mcptaps", false)]
    [InlineData("default", "list", "/pods", false)]
    public async Task An_account_may_do_this_and_may_not_do_that(string account, string verb, string resource, bool may)
    {
        Assert.Equal(may, await cluster.MayAsync(account, verb, resource));
    }
}
