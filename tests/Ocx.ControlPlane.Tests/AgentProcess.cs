using System.Net;
using System.Net.Sockets;
using k8s.Models;

namespace Ocx.ControlPlane.Tests;

/// <summary>
/// The agent that is shipped, started as a kubelet starts it: with the environment, the account and the capabilities of
/// its tap's DaemonSet, and the account's files where a pod has them. It runs in this machine's network namespace, as
/// on a node.
/// </summary>
public sealed class AgentProcess : IAsyncDisposable
{
    // The file system that it sees differs from ours in /var/run alone.
    private const string Pod = """
        set -eu
        mount -t tmpfs tmpfs /var/run
        mkdir -p /var/run/secrets/kubernetes.io
        cp -r "$1" /var/run/secrets/kubernetes.io/serviceaccount
        exec setpriv --no-new-privs --inh-caps=-all --bounding-set "$2" "$3"
        """;

    private readonly string _account = Directory.CreateTempSubdirectory("ocx-agent-account-").FullName;
    private readonly int _httpPort = ControlPlane.FreePort();
    private readonly HttpClient _http = new();

    private AgentProcess() { }

    public ServerProcess Process { get; private set; } = null!;

    public static string Program { get; } = Path.Combine(Checkout.Root, "artifacts/ocx-node-agent");

    public static async Task<AgentProcess> StartAsync(
        Cluster cluster,
        string tap,
        string node,
        string? capabilities = null
    )
    {
        Assert.True(File.Exists(Program), $"{Program} is missing: make agent");
        await cluster.DaemonSetExistsAsync(tap);
        var pod = (await cluster.DaemonSetAsync(tap))!.Spec.Template.Spec;
        var container = pod.Containers.Single();
        var agent = new AgentProcess();
        await File.WriteAllTextAsync(
            Path.Combine(agent._account, "token"),
            await cluster.PodTokenAsync(pod.ServiceAccountName, node)
        );
        File.Copy(cluster.ControlPlane.Authority, Path.Combine(agent._account, "ca.crt"));

        var environment = container.Env.ToDictionary(
            variable => variable.Name,
            variable =>
                variable.ValueFrom?.FieldRef.FieldPath switch
                {
                    null => variable.Value,
                    "spec.nodeName" => node,
                    "metadata.namespace" => Cluster.Namespace,
                    "status.hostIP" => "127.0.0.1",
                    var other => throw new InvalidOperationException(
                        $"{variable.Name} comes from {other}, which this kubelet does not know."
                    ),
                }
        );

        // All nodes are this machine here.
        environment["OCX_HTTP_PORT"] = $"{agent._httpPort}";
        environment["KUBERNETES_SERVICE_HOST"] = cluster.ControlPlane.Address.Host;
        environment["KUBERNETES_SERVICE_PORT"] = $"{cluster.ControlPlane.Address.Port}";
        capabilities ??= Capabilities(container.SecurityContext.Capabilities);
        agent.Process = new ServerProcess(
            "unshare",
            ["--mount", "sh", "-c", Pod, "sh", agent._account, capabilities, Program],
            environment
        );
        return agent;
    }

    /// <summary>Asks an endpoint.</summary>
    /// <returns>The status code and the text.</returns>
    public async Task<(HttpStatusCode Code, string Text)> GetAsync(string path)
    {
        using var answer = await _http.GetAsync(new Uri($"http://127.0.0.1:{_httpPort}{path}"));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    public Task ReadyAsync() =>
        Eventually.TrueAsync(
            async () =>
                Process.HasExited
                    ? throw new InvalidOperationException($"The agent ended with {Process.ExitCode}:\n{Process.Output}")
                    : (await GetAsync("/readyz")).Code == HttpStatusCode.OK,
            "the agent is ready"
        );

    /// <summary>
    /// Sends messages to and fro over loopback, one after the other: each of them is one packet with payload.
    /// </summary>
    public static async Task ConverseAsync(int port, int exchanges)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, port);
        using var server = await listener.AcceptTcpClientAsync();
        server.NoDelay = true;
        var buffer = new byte[64];
        for (var number = 0; number < exchanges; number++)
        {
            await client.GetStream().WriteAsync("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n"u8.ToArray());
            await server.GetStream().ReadAtLeastAsync(buffer, 41);
            await server.GetStream().WriteAsync("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n"u8.ToArray());
            await client.GetStream().ReadAtLeastAsync(buffer, 37);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        _http.Dispose();
        Directory.Delete(_account, recursive: true);
    }

    private static string Capabilities(V1Capabilities granted)
    {
        Assert.Equal(["ALL"], granted.Drop);
        return string.Join(',', granted.Add.Select(name => "+" + name.ToLowerInvariant()).Prepend("-all"));
    }
}
