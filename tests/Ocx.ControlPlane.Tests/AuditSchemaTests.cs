using System.Net;
using System.Text.Json.Nodes;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Ocx.Api;

namespace Ocx.ControlPlane.Tests;

/// <summary>McpAudits where the chart's audit is off: the definition is there, and nobody acts upon it.</summary>
public sealed class AuditSchemaTests(Cluster cluster)
{
    private const string Server = """ "server":{"podSelector":{"matchLabels":{"app":"rows"}}} """;
    private const string Jury = """ "jury":{"jurors":[{"name":"s","signal":{}}]} """;

    [Theory]
    [InlineData("{" + Jury + "}", "spec.server", "Required")]
    [InlineData("{" + Server + "}", "spec.jury", "Required")]
    [InlineData("""{"server":{"port":0,"podSelector":{}},""" + Jury + "}", "spec.server.port", "greater than or equal")]
    [InlineData("""{"server":{"port":80},""" + Jury + "}", "spec.server.podSelector", "Required")]
    [InlineData("""{"mode":"Block",""" + Server + "," + Jury + "}", "spec.mode", "\"Observe\"")]
    [InlineData("""{"match":{"methods":["Tools Call"]},""" + Server + "," + Jury + "}", "spec.match.methods", "match")]
    [InlineData("""{"retention":{"age":"forever"},""" + Server + "," + Jury + "}", "spec.retention.age", "match")]
    [InlineData("{" + Server + """,  "jury":{"jurors":[{"signal":{}}]}}""", "spec.jury.jurors", "name")]
    [InlineData(
        "{" + Server + """,  "jury":{"jurors":[{"name":"w","webhook":{"url":"http://a"}}]}}""",
        "webhook.url",
        "match"
    )]
    public async Task A_bad_spec_is_refused_with_the_field_and_the_bound(string spec, string field, string bound)
    {
        var refusal = await Assert.ThrowsAsync<HttpOperationException>(() => CreateAsync("bad", spec));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refusal.Response.StatusCode);
        var text = refusal.Response.Content.Replace("\\\"", "\"", StringComparison.Ordinal);
        Assert.Contains(field, text, StringComparison.Ordinal);
        Assert.Contains(bound, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Defaults_are_filled_in_and_without_the_chart_s_audit_nobody_acts_upon_it()
    {
        await using var leader = cluster.StartOperator();
        try
        {
            var audit = await CreateAsync("defaults", "{" + Server + "," + Jury + "}");
            Assert.Equal(
                (8080, "Observe", "AnyRefuses", "5s", "2s", "Hold", "30d"),
                (
                    audit.Spec.Server!.Port,
                    audit.Spec.Mode,
                    audit.Spec.Jury!.Quorum,
                    audit.Spec.Jury.Deadline,
                    audit.Spec.Jury.Jurors![0].Timeout,
                    audit.Spec.Jury.Jurors[0].OnFailure,
                    audit.Spec.Retention.Age
                )
            );
            Assert.Equal(["tools/call"], audit.Spec.Match.Methods);

            await cluster.CreateTapAsync("unaudited", """{"port":8080}""");
            await cluster.StatusAsync("unaudited", status => status.Conditions is not null, "the tap is acted upon");
            Assert.DoesNotContain(
                (await cluster.DaemonSetAsync("unaudited"))!.Spec.Template.Spec.Containers[0].Env,
                variable => variable.Name.StartsWith("OCX_AUDIT", StringComparison.Ordinal)
            );
            Assert.Contains(
                "defaults",
                await cluster.ControlPlane.KubectlAsync("get", "audit", "--no-headers"),
                StringComparison.Ordinal
            );
            Assert.DoesNotContain(
                "observedGeneration",
                await cluster.ControlPlane.KubectlAsync("get", "audit", "defaults", "--output=yaml"),
                StringComparison.Ordinal
            );
            Assert.False(await cluster.MayAsync("ocx-tap-operator", "list", "ocx.dev/mcpaudits"));
            Assert.False(await cluster.MayAsync("ocx-tap-operator", "create", "/secrets"));
        }
        finally
        {
            await cluster.Admin.CustomObjects.DeleteCollectionNamespacedCustomObjectAsync(
                OcxApi.Group,
                OcxApi.Version,
                "default",
                V1Alpha1McpAudit.KubePluralName
            );
        }
    }

    private Task<V1Alpha1McpAudit> CreateAsync(string name, string spec) =>
        cluster.Admin.CustomObjects.CreateNamespacedCustomObjectAsync<V1Alpha1McpAudit>(
            JsonNode.Parse(
                $$"""
                {"apiVersion":"ocx.dev/v1alpha1","kind":"McpAudit","metadata":{"name":"{{name}}"},"spec":{{spec}} }
                """
            )!,
            OcxApi.Group,
            OcxApi.Version,
            "default",
            V1Alpha1McpAudit.KubePluralName
        );
}
