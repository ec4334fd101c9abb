using k8s;
using Ocx.Api.Generator;

namespace Ocx.Api.Tests;

/// <summary>The definition of McpAudit.</summary>
public sealed class McpAuditCrdTests
{
    private static readonly string s_yaml = CrdGenerator.Generate(typeof(V1Alpha1McpAudit));
    private static readonly Dictionary<object, object> s_version = Version();

    [Fact]
    public void It_is_namespaced_and_has_no_validation_expressions()
    {
        Assert.Contains("scope: Namespaced\n", s_yaml, StringComparison.Ordinal);
        Assert.Contains("name: mcpaudits.ocx.dev\n", s_yaml, StringComparison.Ordinal);
        Assert.DoesNotContain("x-kubernetes-validations", s_yaml, StringComparison.Ordinal);
        Assert.True(s_version.ContainsKey("subresources"));
    }

    [Fact]
    public void Its_columns_are_those_of_a_verdict() =>
        Assert.Equal(
            "Server Mode Calls Released Refused Held Expired HoldP99 Status Age (Enforcing) (HoldP50) (Message)".Split(
                ' '
            ),
            ((List<object>)s_version["additionalPrinterColumns"])
                .Cast<Dictionary<object, object>>()
                .Select(column => column.ContainsKey("priority") ? $"({column["name"]})" : column["name"])
        );

    // The same rules that an API server has for a structural schema, and bounds on all that can grow.
    [Fact]
    public void Its_schema_is_structural_and_bounded()
    {
        var schema = Map(Map(s_version, "schema"), "openAPIV3Schema");
        var problems = new List<string>();
        Look("", schema, problems);
        Assert.Empty(problems);
    }

    [Fact]
    public void What_is_unbounded_is_seen()
    {
        var problems = new List<string>();
        Look(
            "",
            new()
            {
                ["type"] = "object",
                ["properties"] = new Dictionary<object, object>
                {
                    ["text"] = new Dictionary<object, object> { ["type"] = "string" },
                    ["list"] = new Dictionary<object, object>
                    {
                        ["type"] = "array",
                        ["items"] = new Dictionary<object, object> { ["type"] = "boolean" },
                    },
                    ["any"] = new Dictionary<object, object>(),
                },
            },
            problems
        );
        Assert.Equal([".text: no bound", ".list: no maxItems", ".any: no type"], problems);
    }

    [Fact]
    public void The_initial_values_are_the_defaults()
    {
        var spec = Map(Map(Map(Map(Map(s_version, "schema"), "openAPIV3Schema"), "properties"), "spec"), "properties");
        Assert.Equal("Observe", Map(spec, "mode")["default"]);
        Assert.Equal(["Observe", "Enforce"], (List<object>)Map(spec, "mode")["enum"]);
        Dictionary<object, object> gate = Map(Map(spec, "gate"), "properties");
        Assert.Equal(("Closed", "10s"), (Map(gate, "failurePolicy")["default"], Map(gate, "maxHold")["default"]));
        Assert.Equal(["Closed", "Open"], (List<object>)Map(gate, "failurePolicy")["enum"]);
        var match = Map(spec, "match");
        Assert.Empty((Dictionary<object, object>)match["default"]);
        Assert.Equal(["tools/call"], (List<object>)Map(Map(match, "properties"), "methods")["default"]);
        Assert.Equal("30d", Map(Map(Map(spec, "retention"), "properties"), "age")["default"]);
        Dictionary<object, object> rehearsal = Map(Map(spec, "rehearsal"), "properties");
        Assert.Equal(["Runsc"], (List<object>)Map(rehearsal, "driver")["enum"]);
        Assert.Equal("10s 2", $"{Map(rehearsal, "timeout")["default"]} {Map(rehearsal, "warm")["default"]}");
        Assert.Equal(["Irreversible"], (List<object>)Map(rehearsal, "classes")["default"]);
        Assert.Equal(["Hold", "Refuse", "Abstain"], (List<object>)Map(rehearsal, "onFailure")["enum"]);
        var jurors = Map(Map(Map(Map(spec, "jury"), "properties"), "jurors"), "items");
        Assert.Equal("Hold", Map(Map(jurors, "properties"), "onFailure")["default"]);
        Assert.Equal(["name"], (List<object>)jurors["required"]);
    }

    private static void Look(string path, Dictionary<object, object> schema, List<string> problems)
    {
        if (!schema.TryGetValue("type", out var type))
        {
            problems.Add($"{path}: no type");
            return;
        }

        switch (type)
        {
            case "object" when path is ".metadata":
                break;
            case "object":
                // An API server refuses a default that is not what its own schema asks for.
                Require(
                    !(schema.ContainsKey("default") && schema.ContainsKey("required")),
                    $"{path}: a default without what is required"
                );
                foreach (var needed in (List<object>)schema.GetValueOrDefault("required", new List<object>()))
                {
                    Require(
                        !Map(Map(schema, "properties"), (string)needed).ContainsKey("default"),
                        $"{path}.{needed}: required, and has a default"
                    );
                }

                foreach (
                    var (name, inner) in (Dictionary<object, object>)
                        schema.GetValueOrDefault("properties", new Dictionary<object, object>())
                )
                {
                    // Kubernetes' own: conditions, and what an object's head has.
                    if ($"{path}.{name}" is not (".status.conditions" or ".apiVersion" or ".kind"))
                    {
                        Look($"{path}.{name}", (Dictionary<object, object>)inner, problems);
                    }
                }

                if (schema.TryGetValue("additionalProperties", out var values))
                {
                    Require(schema.ContainsKey("maxProperties"), $"{path}: no maxProperties");
                    Look($"{path}.*", (Dictionary<object, object>)values, problems);
                }
                else
                {
                    Require(schema.ContainsKey("properties"), $"{path}: no properties");
                }

                break;
            case "array":
                Require(schema.ContainsKey("maxItems"), $"{path}: no maxItems");
                Look($"{path}[]", Map(schema, "items"), problems);
                break;
            case "string":
                Require(
                    schema.ContainsKey("maxLength") || schema.ContainsKey("enum") || IsBounded(schema),
                    $"{path}: no bound"
                );
                break;
            case "integer":
                Require(
                    schema.ContainsKey("maximum") && schema.ContainsKey("minimum")
                        || path == ".status.observedGeneration",
                    $"{path}: no range"
                );
                break;
        }

        void Require(bool holds, string problem)
        {
            if (!holds)
            {
                problems.Add(problem);
            }
        }
    }

    // A pattern that is anchored and repeats nothing without end.
    private static bool IsBounded(Dictionary<object, object> schema) =>
        schema.TryGetValue("pattern", out var pattern)
        && pattern is string and ['^', .., '$'] text
        && text.AsSpan().IndexOfAny('*', '+') < 0;

    private static Dictionary<object, object> Map(Dictionary<object, object> of, string key) =>
        (Dictionary<object, object>)of[key];

    private static Dictionary<object, object> Version()
    {
        var crd = KubernetesYaml.Deserialize<Dictionary<object, object>>(s_yaml);
        return (Dictionary<object, object>)((List<object>)Map(crd, "spec")["versions"])[0];
    }
}
