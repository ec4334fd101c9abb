using System.Text.Json;
using Ocx.Api;
using Ocx.Kube;
using Ocx.Operator.Resources;

namespace Ocx.Operator.Tests;

/// <summary>Specs as an earlier definition, or one that somebody applied by hand, may have taken them.</summary>
public sealed class SpecRulesTests
{
    [Theory]
    [InlineData("{}", null)]
    [InlineData("""{"interface":"any","additionalPorts":[1,65535],"reportInterval":"24h"}""", null)]
    [InlineData("""{"resources":{"limits":{"memory":"1024Mi","cpu":2},"requests":{"cpu":"12e-3"}}}""", null)]
    [InlineData("""{"reportInterval":"1200h"}""", "spec.reportInterval: '1200h'")]
    [InlineData("""{"statsInterval":"10s\n"}""", "spec.statsInterval: ")]
    [InlineData("""{"ringSize":"10Mi"}""", "spec.ringSize: '10Mi'")]
    [InlineData("""{"ringSize":null}""", "spec.ringSize: there is none")]
    [InlineData("""{"port":0}""", "spec.port: 0")]
    [InlineData("""{"additionalPorts":[70000]}""", "spec.additionalPorts: 70000")]
    [InlineData("""{"additionalPorts":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]}""", "spec.additionalPorts: there are")]
    [InlineData("""{"interface":"a-name-of-16-char"}""", "spec.interface: ")]
    [InlineData("""{"interface":"eth\u0000"}""", "spec.interface: ")]
    [InlineData("""{"redact":{"paths":["user.email"]}}""", "spec.redact.paths: 'user.email'")]
    [InlineData("""{"redact":{"paths":[null]}}""", "spec.redact.paths: one is null")]
    [InlineData("""{"redact":{"patterns":["(?=x)"]}}""", "spec.redact.patterns: '(?=x)'")]
    [InlineData("""{"otlp":{}}""", "spec.otlp.endpoint: there is none")]
    [InlineData(
        """{"otlp":{"endpoint":"http://a:4317","headersSecret":{"name":"No/ne","key":"k"}}}""",
        "spec.otlp.headersSecret.name"
    )]
    [InlineData("""{"resources":{"limits":{"memory":"lots"}}}""", "spec.resources.limits.memory: 'lots'")]
    [InlineData("""{"resources":{"limits":{"memory":"64MB"}}}""", "spec.resources.limits.memory: '64MB'")]
    [InlineData("""{"resources":{"limits":{"memory":""}}}""", "spec.resources.limits.memory: ''")]
    [InlineData("""{"resources":{"limits":{"memory":null}}}""", "spec.resources.limits.memory: ''")]
    [InlineData("""{"resources":{"requests":{"cpu":"1e999999999"}}}""", "spec.resources.requests.cpu: '1e999999999'")]
    [InlineData("""{"updateStrategy":{"rollingUpdate":{"maxSurge":true}}}""", "maxSurge")]
    [InlineData("""{"tolerations":[{"tolerationSeconds":1e99}]}""", "$.spec.tolerations[0].tolerationSeconds")]
    [InlineData("""{"suspend":"yes"}""", "$.spec.suspend")]
    [InlineData("7", "$.spec")]
    [InlineData("null", "spec: it is null")]
    public void What_cannot_be_acted_upon_is_told_by_field_and_the_tap_is_read_all_the_same(
        string spec,
        string? problem
    )
    {
        using var json = JsonDocument.Parse(
            $$"""
            {"metadata":{"name":"odd","uid":"u","resourceVersion":"7"},"spec":{{spec}},
             "status":{"retired":{"packets":{"captured":12} } } }
            """
        );

        var read = ReadObject<V1Alpha1McpTap>.From("ADDED", json.RootElement);

        var tap = read.Entity!;
        Assert.Equal(
            ("odd", "7", 12),
            (read.Name, tap.Metadata.ResourceVersion, tap.Status!.Retired!.Packets.Captured)
        );
        Assert.Equal(tap.Problem is null, read.Problem is null);
        var told = tap.Problem ?? SpecRules.Problem(tap.Spec);
        if (problem is null)
        {
            Assert.Null(told);
        }
        else
        {
            Assert.Contains(problem, told!, StringComparison.Ordinal);
            Assert.DoesNotContain("LineNumber", told!, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_status_that_cannot_be_read_is_none_and_metadata_that_cannot_be_is_no_tap()
    {
        using var status = JsonDocument.Parse(
            """{"metadata":{"name":"odd"},"spec":{"port":7000},"status":{"lastReportTime":"23:59:60"}}"""
        );
        var tap = ReadObject<V1Alpha1McpTap>.From("ADDED", status.RootElement).Entity!;
        Assert.Equal(("odd", null), (tap.Metadata.Name, tap.Status));

        using var metadata = JsonDocument.Parse("""{"metadata":{"name":"odd","generation":"x"},"spec":{}}""");
        var read = ReadObject<V1Alpha1McpTap>.From("ADDED", metadata.RootElement);
        Assert.Null(read.Entity);
        Assert.NotNull(read.Problem);
    }
}
