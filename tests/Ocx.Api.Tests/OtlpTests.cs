using System.Reflection;
using Ocx.Api.Attributes;

namespace Ocx.Api.Tests;

public sealed class OtlpTests
{
    private static readonly string s_pattern = typeof(V1Alpha1Otlp)
        .GetProperty(nameof(V1Alpha1Otlp.Endpoint))!
        .GetCustomAttribute<PatternAttribute>()!
        .Expression;

    [Theory]
    [InlineData("http://collector.observability:4317")]
    [InlineData("https://otlp.example.com/tenant/a")]
    [InlineData("http://[fd00::1]:4318")]
    [InlineData("http://127.0.0.1")]
    public void An_address_that_HTTP_goes_to_can_be_used(string endpoint)
    {
        Assert.Matches(s_pattern, endpoint);
        Assert.Null(new V1Alpha1Otlp { Endpoint = endpoint }.Problem());
    }

    [Theory]
    [InlineData("collector:4317")]
    [InlineData("https://user:password@collector")]
    [InlineData("https://collector?api_key=secret")]
    [InlineData("http://collector/$(OCX_TAP)")]
    [InlineData("http://")]
    [InlineData("http://a b")]
    public void What_is_none_or_holds_a_credential_is_refused_by_the_schema(string endpoint) =>
        Assert.DoesNotMatch(s_pattern, endpoint);

    [Theory]
    [InlineData("http://collector:99999")]
    [InlineData("http://[1:2]")]
    public void What_only_looks_like_one_is_told(string endpoint)
    {
        Assert.Matches(s_pattern, endpoint);
        Assert.StartsWith(
            $"spec.otlp.endpoint: '{endpoint}' is not a URL",
            new V1Alpha1Otlp { Endpoint = endpoint }.Problem(),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void The_protocol_is_the_one_that_agents_take_by_themselves() =>
        Assert.Equal("grpc", new V1Alpha1Otlp().Protocol);
}
