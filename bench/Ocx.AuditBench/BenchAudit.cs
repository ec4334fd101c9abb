using Ocx.Audit.Intents;

namespace Ocx.AuditBench;

/// <summary>The audit that is measured: ten rules and signals, and a call that none of the rules is about.</summary>
internal static class BenchAudit
{
    public static IReadOnlyList<string> Rules { get; } =
    [
        "tool.name.startsWith('delete_') && !has(call.arguments.filter)",
        "call.credentialInArguments",
        "tool.name == 'run' && call.arguments.command.contains('rm -rf')",
        "has(call.arguments.limit) && call.arguments.limit > 1000",
        "has(call.arguments.to) && !call.arguments.to.endsWith('@example.com')",
        "call.requestBytes > 100000",
        "client.name == 'intruder'",
        "has(call.arguments.path) && call.arguments.path.matches('^/(etc|proc|sys)/')",
        "has(call.arguments.rows) && size(call.arguments.rows) > 500",
        "tool.name in ['drop_table', 'truncate', 'shutdown']",
    ];

    public static string Arguments(long number) =>
        $$"""{"order":"#{{number}}#","customer":"Ada Lovelace","limit":100,"to":"ada@example.com","text":"two blue"}""";

    public static Intent Call { get; } =
        new()
        {
            Key = new string('a', 32),
            Time = DateTimeOffset.UnixEpoch,
            Method = "tools/call",
            Tool = "create_order",
            Arguments = System.Text.Encoding.UTF8.GetBytes(Arguments(1)),
            ArgumentsComplete = true,
            RequestBytes = 400,
            Server = new Party { Address = "127.0.0.1:8080" },
        };

    public static string Yaml(int port) =>
        $$"""
            apiVersion: ocx.dev/v1alpha1
            kind: McpAudit
            metadata:
              name: bench
            spec:
              server:
                port: {{port}}
              classes:
                rules:
                  - tools: ["create_*"]
                    class: Reversible
              jury:
                onNoVotes: Release
                jurors:
                  - name: rules
                    policy:
                      rules:
            {{string.Join("\n", Rules.Select((when, at) => Rule(at, when)))}}
                  - name: signals
                    signal: {}

            """;

    private static string Rule(int at, string when) =>
        $"              - name: rule-{at}\n                when: \"{when}\"\n                then: Refuse";
}
