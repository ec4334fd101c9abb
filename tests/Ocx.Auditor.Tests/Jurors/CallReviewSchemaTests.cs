using System.Text.Json;
using Ocx.Audit.Intents;
using Ocx.Audit.Rehearsals;
using Ocx.Auditor.Jurors;
using Ocx.Auditor.Tests.Rehearsing;

namespace Ocx.Auditor.Tests.Jurors;

/// <summary>The published schema has each member of the question, and no other.</summary>
public sealed class CallReviewSchemaTests
{
    private static readonly Party s_party = new()
    {
        Address = "10.0.0.1:1",
        Namespace = "n",
        Pod = "p",
        Workload = "deployment/d",
        Name = "a",
        Version = "1",
    };

    private static readonly Intent s_full = new()
    {
        Key = "k",
        Time = DateTimeOffset.UnixEpoch,
        Method = "tools/call",
        Tool = "t",
        Arguments = "{}"u8.ToArray(),
        ArgumentsDigest = new string('0', 64),
        CredentialInArguments = true,
        Hints = new ToolHints(true, false, true, false),
        Client = s_party,
        Server = s_party,
        Session = "s",
        ProtocolVersion = "2026-07-28",
    };

    private static readonly RehearsalEvidence s_evidence = TestShadows.Full with { Failure = "error" };

    [Fact]
    public void Question_and_schema_have_the_same_members()
    {
        JsonElement schema = JsonDocument
            .Parse(File.ReadAllBytes(Path.Combine(Checkout.Root, "docs", "schemas", "call-review-v1.json")))
            .RootElement;
        JsonElement question = JsonDocument.Parse(CallReview.Question(s_full, s_evidence)).RootElement;
        Assert.Equal(
            ["apiVersion", "kind", "request"],
            question.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal)
        );
        Compare(schema.GetProperty("$defs").GetProperty("request"), question.GetProperty("request"), schema);
    }

    private static void Compare(JsonElement schema, JsonElement value, JsonElement root)
    {
        if (schema.TryGetProperty("$ref", out JsonElement reference))
        {
            schema = root.GetProperty("$defs").GetProperty(reference.GetString()!["#/$defs/".Length..]);
        }

        if (schema.TryGetProperty("items", out JsonElement items) && value.GetArrayLength() > 0)
        {
            Compare(items, value[0], root);
            return;
        }

        if (!schema.TryGetProperty("properties", out JsonElement properties))
        {
            return;
        }

        Assert.Equal(
            properties.EnumerateObject().Select(property => property.Name).Order(StringComparer.Ordinal),
            value.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal)
        );
        foreach (JsonProperty property in properties.EnumerateObject())
        {
            Compare(property.Value, value.GetProperty(property.Name), root);
        }
    }
}
