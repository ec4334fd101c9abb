using k8s;
using Ocx.Kube;

namespace Ocx.Operator.Tests;

public sealed class ResourceListTests
{
    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    public void A_list_of_nothing_has_no_items(string items) =>
        Assert.Empty(
            KubernetesJson
                .Deserialize<ResourceList>($$"""{"metadata":{"resourceVersion":"7"},"items":{{items}}}""")
                .Items
                ?? []
        );
}
