using System.Net;
using k8s.Autorest;

namespace Ocx.ControlPlane.Tests;

public sealed class RefusalTests(Cluster cluster)
{
    [Theory]
    [InlineData("""{"port":0}""", "spec.port", "greater than or equal to 1")]
    [InlineData("""{"port":65536}""", "spec.port", "less than or equal to 65535")]
    [InlineData("""{"additionalPorts":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]}""", "spec.additionalPorts", "15")]
    [InlineData("""{"additionalPorts":[70000]}""", "spec.additionalPorts", "65535")]
    [InlineData("""{"ringSize":"10Mi"}""", "spec.ringSize", "\"64Ki\"")]
    [InlineData("""{"ringSize":"2Gi"}""", "spec.ringSize", "\"1Gi\"")]
    [InlineData("""{"interface":"a-name-of-16-char"}""", "spec.interface", "15")]
    [InlineData("""{"interface":"eth/0"}""", "spec.interface", "should match")]
    [InlineData("""{"interface":"eth\u0000"}""", "spec.interface", "should match")]
    [InlineData("""{"reportInterval":"0s"}""", "spec.reportInterval", "should match")]
    [InlineData("""{"reportInterval":"1200h"}""", "spec.reportInterval", "should match")]
    [InlineData("""{"statsInterval":"1441m"}""", "spec.statsInterval", "should match")]
    [InlineData("""{"resources":{"limits":{"memory":"lots"}}}""", "spec.resources.limits.memory", "should match")]
    [InlineData("""{"resources":{"limits":{"memory":"64MB"}}}""", "spec.resources.limits.memory", "should match")]
    [InlineData("""{"resources":{"requests":{"cpu":""}}}""", "spec.resources.requests.cpu", "should match")]
    [InlineData("""{"resources":{"requests":{"cpu":"1e99999"}}}""", "spec.resources.requests.cpu", "should match")]
    [InlineData(
        """{"resources":{"requests":{"cpu":-1}}}""",
        "spec.resources.requests.cpu",
        "greater than or equal to 0"
    )]
    [InlineData(
        """{"updateStrategy":{"rollingUpdate":{"maxUnavailable":"lots"}}}""",
        "spec.updateStrategy.rollingUpdate.maxUnavailable",
        "should match"
    )]
    [InlineData("""{"payload":"Some"}""", "spec.payload", "\"Metadata\"")]
    [InlineData("""{"redact":{"paths":["user.email"]}}""", "spec.redact.paths", "should match")]
    [InlineData("""{"redact":{"paths":["$.a\n$.b"]}}""", "spec.redact.paths", "should match")]
    [InlineData("""{"redact":{"patterns":["a\nb"]}}""", "spec.redact.patterns", "should match")]
    [InlineData("""{"redact":{"patterns":[""]}}""", "spec.redact.patterns", "1")]
    [InlineData("""{"otlp":{"endpoint":"collector:4317"}}""", "spec.otlp.endpoint", "should match")]
    [InlineData("""{"otlp":{"endpoint":"ftp://collector"}}""", "spec.otlp.endpoint", "should match")]
    [InlineData("""{"otlp":{"endpoint":"https://user:password@collector"}}""", "spec.otlp.endpoint", "should match")]
    [InlineData("""{"otlp":{"endpoint":"http://collector:4317/$(OCX_TAP)"}}""", "spec.otlp.endpoint", "should match")]
    [InlineData("""{"otlp":{"protocol":"grpc"}}""", "spec.otlp.endpoint", "Required")]
    [InlineData(
        """{"otlp":{"endpoint":"http://collector:4317","protocol":"http/json"}}""",
        "spec.otlp.protocol",
        "\"http/protobuf\""
    )]
    [InlineData(
        """{"otlp":{"endpoint":"http://collector:4317","headersSecret":{"name":"receiver"}}}""",
        "spec.otlp.headersSecret.key",
        "Required"
    )]
    [InlineData(
        """{"otlp":{"endpoint":"http://collector:4317","headersSecret":{"name":"Not/One","key":"headers"}}}""",
        "spec.otlp.headersSecret.name",
        "should match"
    )]
    [InlineData("""{"securityProfile":"Root"}""", "spec.securityProfile", "\"Privileged\"")]
    [InlineData("""{"suspend":"yes"}""", "spec.suspend", "boolean")]
    public async Task A_bad_spec_is_refused_with_the_field_and_the_bound(string spec, string field, string bound)
    {
        var refusal = await Assert.ThrowsAsync<HttpOperationException>(() => cluster.CreateTapAsync("bad", spec));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refusal.Response.StatusCode);
        Assert.Contains(field, refusal.Response.Content, StringComparison.Ordinal);
        Assert.Contains(
            bound,
            refusal.Response.Content.Replace("\\\"", "\"", StringComparison.Ordinal),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("with.a.dot")]
    [InlineData("a-name-that-is-longer-than-forty-characters")]
    public async Task A_name_that_others_cannot_be_built_from_is_refused(string name) =>
        Assert.Contains(
            "metadata.name",
            (await Assert.ThrowsAsync<HttpOperationException>(() => cluster.CreateTapAsync(name))).Response.Content,
            StringComparison.Ordinal
        );

    [Fact]
    public async Task Defaults_are_filled_in_and_unknown_fields_pruned()
    {
        var tap = await cluster.CreateTapAsync("defaults", """{"surprise":1}""");
        Assert.Equal(
            ("eth0", 8080, "16Mi", "10s"),
            (tap.Spec.Interface, tap.Spec.Port, tap.Spec.RingSize, tap.Spec.ReportInterval)
        );
        Assert.DoesNotContain(
            "surprise",
            await cluster.ControlPlane.KubectlAsync("get", "tap", "defaults", "-o", "yaml"),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task The_rendered_chart_passes_a_dry_run_of_the_server()
    {
        var manifests = await cluster.ControlPlane.HelmAsync(
            "template",
            "ocx",
            Path.Combine(Checkout.Root, "deploy/helm/ocx-tap"),
            "--namespace",
            Cluster.Namespace,
            "--validate",
            "--is-upgrade",
            "--set",
            "networkPolicy.enabled=true",
            "--set",
            "taps.mcp.port=8080",
            "--set",
            "audit.enabled=true"
        );
        var file = cluster.ControlPlane.WriteFile("manifests.yaml", manifests);
        var applied = await cluster.ControlPlane.KubectlAsync("apply", "--dry-run=server", "-f", file);
        Assert.Contains("mcptap.ocx.dev/mcp", applied, StringComparison.Ordinal);
        Assert.Contains("statefulset.apps/ocx-tap-auditor", applied, StringComparison.Ordinal);
    }
}
