using System.Text.Json;
using Cel;
using k8s;
using k8s.Models;

namespace Ocx.ControlPlane.Tests;

/// <summary>
/// The chart's policy of pods' statuses, evaluated as an API server would that has one: this one is older. The auditor
/// sets its own condition, and nothing else of a pod.
/// </summary>
public sealed class GatedPolicyTests(Cluster cluster)
{
    private const string Before = """
        {
          "metadata": {"name": "rows-1", "labels": {"app": "rows"}},
          "spec": {"readinessGates": [{"conditionType": "ocx.dev/gated"}]},
          "status": {
            "phase": "Running", "podIP": "10.0.0.1", "podIPs": [{"ip": "10.0.0.1"}],
            "conditions": [{"type": "Ready", "status": "False"}, {"type": "ocx.dev/gated", "status": "False"}],
            "containerStatuses": [{"name": "server", "ready": true}]
          }
        }
        """;

    [Theory]
    [InlineData("nothing", "Running", "Running", true)]
    [InlineData("its condition", """gated", "status": "False""", """gated", "status": "True""", true)]
    [InlineData("no condition", """, {"type": "ocx.dev/gated", "status": "False"}""", "", true)]
    [InlineData("another condition", """Ready", "status": "False""", """Ready", "status": "True""", false)]
    [InlineData(
        "one more condition",
        """[{"type": "Ready""",
        """[{"type": "x", "status": ""}, {"type": "Ready""",
        false
    )]
    [InlineData("no conditions", """{"type": "Ready", "status": "False"}, """, "", false)]
    [InlineData("phase", "Running", "Failed", false)]
    [InlineData("address", "\"podIP\": \"10.0.0.1\"", "\"podIP\": \"10.0.0.2\"", false)]
    [InlineData("addresses", """{"ip": "10.0.0.1"}""", """{"ip": "10.0.0.2"}""", false)]
    [InlineData("no addresses", """ "podIPs": [{"ip": "10.0.0.1"}],""", "", false)]
    [InlineData("host", "\"phase\"", "\"hostIP\": \"10.0.0.9\", \"phase\"", false)]
    [InlineData("containers", "\"ready\": true", "\"ready\": false", false)]
    [InlineData("labels", """{"app": "rows"}""", """{"app": "other"}""", false)]
    [InlineData("annotations", "\"name\": \"rows-1\"", "\"name\": \"rows-1\", \"annotations\": {\"a\": \"b\"}", false)]
    [InlineData("a pod without the gate", """{"conditionType": "ocx.dev/gated"}""", "", false)]
    public async Task Of_a_pod_the_auditor_changes(string what, string from, string to, bool may)
    {
        V1ValidatingAdmissionPolicy policy = await PolicyAsync();
        Assert.Contains(from, Before, StringComparison.Ordinal);
        Dictionary<string, object?> variables = new()
        {
            ["oldObject"] = Value(JsonElement.Parse(Before)),
            ["object"] = Value(JsonElement.Parse(Before.Replace(from, to, StringComparison.Ordinal))),
        };
        var environment = new CelEnvironment(null, null);
        string[] refusals =
        [
            .. policy
                .Spec.Validations.Where(rule => environment.Compile(rule.Expression)(variables) is not true)
                .Select(rule => rule.Message),
        ];
        Assert.Equal((what, may), (what, refusals.Length == 0));
    }

    [Fact]
    public async Task It_is_about_the_auditor_alone()
    {
        V1ValidatingAdmissionPolicy policy = await PolicyAsync();
        Assert.Equal("Fail", policy.Spec.FailurePolicy);
        Assert.Equal(["pods/status"], Assert.Single(policy.Spec.MatchConstraints.ResourceRules).Resources);
        var condition = new CelEnvironment(null, null).Compile(Assert.Single(policy.Spec.MatchConditions).Expression);
        Assert.True(IsMeant("ocx-tap-auditor"));
        Assert.False(IsMeant("ocx-tap-gate"));

        bool IsMeant(string account) =>
            condition(
                new Dictionary<string, object?>
                {
                    ["request"] = new Dictionary<string, object?>
                    {
                        ["userInfo"] = new Dictionary<string, object?>
                        {
                            ["username"] = $"system:serviceaccount:{Cluster.Namespace}:{account}",
                        },
                    },
                }
            )
                is true;
    }

    private async Task<V1ValidatingAdmissionPolicy> PolicyAsync()
    {
        string text = await cluster.ControlPlane.HelmAsync(
            "template",
            "ocx",
            Path.Combine(Checkout.Root, "deploy/helm/ocx-tap"),
            "--namespace",
            Cluster.Namespace,
            "--set",
            "audit.enabled=true,audit.gate.enabled=true,audit.gate.readinessGate=true",
            "--api-versions",
            "admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy",
            "--show-only",
            "templates/admission-policy.yaml"
        );
        return KubernetesYaml.Deserialize<V1ValidatingAdmissionPolicy>(
            text.Split("\n---\n")
                .Single(one =>
                    one.Contains("\n  name: ocx-tap-gated-condition\n", StringComparison.Ordinal)
                    && one.Contains("kind: ValidatingAdmissionPolicy\n", StringComparison.Ordinal)
                )
        );
    }

    private static object? Value(JsonElement json) =>
        json.ValueKind switch
        {
            JsonValueKind.Object => json.EnumerateObject().ToDictionary(one => one.Name, one => Value(one.Value)),
            JsonValueKind.Array => json.EnumerateArray().Select(Value).ToList(),
            JsonValueKind.String => json.GetString(),
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => null,
        };
}
