using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Ocx.GateBench.Programs;

/// <summary>The auditor as it is shipped, with its ledger in a folder of its own.</summary>
internal sealed class Auditor : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);

    private readonly string _folder = Directory.CreateTempSubdirectory("ocx-gate-bench-").FullName;
    private readonly HttpClient _http;

    public Auditor()
    {
        string audits = Path.Combine(_folder, "audits.yaml");
        File.WriteAllText(audits, Audits);
        string program = Path.GetFullPath("artifacts/ocx-auditor");
        string[] options = ["--audits", audits, "--listen", Address, "--ledger", Path.Combine(_folder, "ledger.db")];
        Program = new Started([program, .. options], _ => File.Exists(Socket));
        _http = new HttpClient(
            new SocketsHttpHandler
            {
                ConnectCallback = async (_, cancellation) =>
                {
                    var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(Socket), cancellation).ConfigureAwait(false);
                    return new NetworkStream(socket, ownsSocket: true);
                },
            }
        )
        {
            BaseAddress = new Uri("http://auditor"),
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = s_limit,
        };
    }

    public Started Program { get; }

    /// <summary>Where gates reach it.</summary>
    public string Address => $"unix:{Socket}";

    private string Socket => Path.Combine(_folder, "auditor.sock");

    /// <summary>The call that waits for a person's word; null when none does.</summary>
    public string? Waiting()
    {
        foreach (
            string line in _http
                .GetStringAsync("v1/approvals")
                .Result.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        )
        {
            JsonElement approval = JsonElement.Parse(line);
            if (!approval.TryGetProperty("decision", out _))
            {
                return approval.GetProperty("id").GetString();
            }
        }
        return null;
    }

    /// <summary>A person approves it.</summary>
    public void Approve(string id)
    {
        using var body = new StringContent("""{"decision":"Approve","reason":"asked"}""", Encoding.UTF8);
        using HttpResponseMessage answer = _http.PostAsync($"v1/approvals/{id}", body).GetAwaiter().GetResult();
        answer.EnsureSuccessStatusCode();
    }

    public void Dispose()
    {
        _http.Dispose();
        Program.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    // The first audit includes no tool that is called. Of the others, one waits for a person, one judges by rules
    // alone. No tool whose name begins with "list" is theirs.
    private const string Audits = """
        apiVersion: ocx.dev/v1alpha1
        kind: McpAudit
        metadata:
          name: idle
        spec:
          mode: Enforce
          server:
            port: 8080
          match:
            tools: ["drop_*"]
          jury:
            jurors:
              - name: rules
                policy:
                  rules:
                    - name: all
                      when: "true"
                      then: Refuse
        ---
        apiVersion: ocx.dev/v1alpha1
        kind: McpAudit
        metadata:
          name: asked
        spec:
          mode: Enforce
          server:
            port: 8081
          match:
            tools: ["ask_*"]
          classes:
            rules:
              - tools: ["ask_*"]
                class: Reversible
          jury:
            onNoVotes: Hold
            jurors:
              - name: owner
                person: {}
        ---
        apiVersion: ocx.dev/v1alpha1
        kind: McpAudit
        metadata:
          name: judged
        spec:
          mode: Enforce
          server:
            port: 8081
          match:
            tools: ["get_*", "delete_*"]
          classes:
            rules:
              - tools: ["get_*"]
                class: Reversible
          jury:
            onNoVotes: Release
            jurors:
              - name: rules
                policy:
                  rules:
                    - name: no-wholesale-deletes
                      when: tool.name.startsWith('delete_') && !has(call.arguments.order)
                      then: Refuse
                    - name: limit
                      when: has(call.arguments.limit) && call.arguments.limit > 1000
                      then: Refuse
        """;
}
