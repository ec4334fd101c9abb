using Ocx.Api.Generator;

namespace Ocx.Api.Tests;

public sealed class CrdTests
{
    [Theory]
    [InlineData("deploy/crds")]
    [InlineData("deploy/helm/ocx-tap/crds")] // no link: helm says so at each use of one
    public void The_definitions_in_deploy_are_those_that_the_types_give(string place)
    {
        var folder = Path.Combine(Checkout.Root, place);
        Assert.Null(new DirectoryInfo(folder).LinkTarget);
        var generated = CrdGenerator.All().ToDictionary(crd => crd.FileName, crd => crd.Yaml);
        Assert.Equal(generated.Keys.Order(), Directory.GetFiles(folder).Select(Path.GetFileName).Order());
        foreach (var (name, yaml) in generated)
        {
            Assert.Equal(yaml, File.ReadAllText(Path.Combine(folder, name)));
        }
    }

    [Fact]
    public void The_definitions_have_no_validation_expressions_that_an_old_server_refuses() =>
        Assert.All(
            CrdGenerator.All(),
            crd => Assert.DoesNotContain("x-kubernetes-validations", crd.Yaml, StringComparison.Ordinal)
        );

    [Fact]
    public void The_initial_value_of_a_spec_property_is_the_default_that_the_server_fills_in()
    {
        var yaml = CrdGenerator.Generate(typeof(V1Alpha1McpTap));
        var spec = new V1Alpha1McpTapSpec();
        Assert.Contains($"default: {spec.Interface}\n", yaml, StringComparison.Ordinal);
        Assert.Contains($"default: {spec.Port}\n", yaml, StringComparison.Ordinal);
        Assert.Contains($"default: {spec.RingSize}\n", yaml, StringComparison.Ordinal);
    }
}
