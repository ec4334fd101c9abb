using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Ocx.ControlPlane.Tests;

/// <summary>A juror's Secret is read by a right that somebody has to give, and says which commands give it.</summary>
public sealed class AuditSecretTests(Cluster cluster)
{
    private const string Node = "audit-a";

    [Fact]
    public async Task The_right_to_a_Secret_is_asked_for_by_the_commands_that_give_it()
    {
        await using var scene = await AuditScene.StartAsync(cluster, Node);
        await scene.PodAsync("rows-1", Node, "10.9.0.1");
        using var authority = new AuditCertificates();
        var tokens = new List<string>();
        await using var webhook = await WebhookAsync(authority, tokens);
        await SecretAsync("first");
        await scene.ApplyAsync(
            AuditScene.Shop,
            "rows",
            $$$"""
            {
              "server": {"podSelector": {"matchLabels": {"app": "rows"} } },
              "jury": {"jurors": [{"name": "asks", "timeout": "10s", "webhook": {
                "url": "{{{webhook.Urls.Single()}}}/review",
                "caBundle": {{{JsonValue.Create(authority.Authority.ExportCertificatePem()).ToJsonString()}}},
                "tokenSecret": {"name": "webhook", "key": "token"}
              } }], "deadline": "20s"}
            }
            """
        );
        await using var auditor = await AuditorProcess.StartAsync(scene.KubeConfig);
        using var agent = await AuditAgent.OpenInTimeAsync(auditor, await scene.AgentTokenAsync(Node), Node);

        // Nobody waits for the right: the juror fails, and its failure is a vote to hold.
        var held = (await auditor.RecordAsync(await agent.CallAsync("10.9.0.1:8080", "read")))!;
        Assert.Equal("Held", (string?)held["verdict"]!["outcome"]);
        Assert.Empty(tokens);
        var missing = await scene.ConditionAsync("rows", "JurorsReady", "False");
        Assert.Equal("SecretsNotReadable", missing.Reason);

        // The commands are run as they stand there.
        string commands = missing.Message[missing.Message.IndexOf("kubectl ", StringComparison.Ordinal)..];
        foreach (string command in commands.Split(" && "))
        {
            await cluster.ControlPlane.KubectlAsync([.. command.Split(' ').Skip(1)]);
        }

        await scene.ConditionAsync("rows", "JurorsReady", "True");
        var released = (await auditor.RecordAsync(await agent.CallAsync("10.9.0.1:8080", "read")))!;
        Assert.Equal("Released", (string?)released["verdict"]!["outcome"]);
        Assert.Equal(["Bearer first"], tokens);

        // It is renewed without a restart.
        await SecretAsync("second");
        await Eventually.TrueAsync(
            async () =>
            {
                await agent.CallAsync("10.9.0.1:8080", "read");
                return tokens[^1] == "Bearer second";
            },
            "the renewed token is shown"
        );
    }

    private Task<string> SecretAsync(string token) =>
        cluster.ControlPlane.KubectlAsync(
            "apply",
            "-f",
            cluster.ControlPlane.WriteFile(
                "webhook-secret.json",
                KubernetesJson.Serialize(
                    new V1Secret
                    {
                        ApiVersion = "v1",
                        Kind = "Secret",
                        Metadata = new V1ObjectMeta
                        {
                            Name = "webhook",
                            NamespaceProperty = AuditScene.Shop,
                            Labels = new Dictionary<string, string> { ["test"] = "audit" },
                        },
                        Data = new Dictionary<string, byte[]> { ["token"] = Encoding.UTF8.GetBytes(token) },
                    }
                )
            )
        );

    private static async Task<WebApplication> WebhookAsync(AuditCertificates authority, List<string> tokens)
    {
        var (certificate, key) = authority.Issue("webhook");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(
                IPAddress.Loopback,
                0,
                listen => listen.UseHttps(X509Certificate2.CreateFromPem(certificate, key))
            )
        );
        var app = builder.Build();
        app.MapPost(
            "/review",
            async (HttpRequest request) =>
            {
                tokens.Add(request.Headers.Authorization.ToString());
                var review = await JsonNode.ParseAsync(request.Body);
                var answer = new JsonObject
                {
                    ["apiVersion"] = review!["apiVersion"]!.DeepClone(),
                    ["kind"] = review["kind"]!.DeepClone(),
                    ["response"] = new JsonObject
                    {
                        ["uid"] = review["request"]!["uid"]!.DeepClone(),
                        ["vote"] = "Release",
                        ["reason"] = "fine",
                    },
                };
                return Results.Content(answer.ToJsonString(), "application/json");
            }
        );
        await app.StartAsync();
        return app;
    }
}
