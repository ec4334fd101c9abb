using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Ocx.Operator.Tests;

public sealed class StartTests : IDisposable
{
    // Nobody listens there.
    private const string Usable = """
        {"current-context":"x","contexts":[{"name":"x","context":{"cluster":"c","user":"u"}}],
         "users":[{"name":"u","user":{"token":"t"}}],
         "clusters":[{"name":"c","cluster":{"server":"https://127.0.0.1:1","insecure-skip-tls-verify":true}}]}
        """;

    private readonly string _kubeconfig = Path.GetTempFileName();

    [Theory]
    [InlineData("a: [b")]
    [InlineData("hello")]
    [InlineData("""{"current-context":"elsewhere","contexts":[],"clusters":[],"users":[]}""")]
    [InlineData(
        """
            {"current-context":"x","contexts":[{"name":"x","context":{"cluster":"c","user":"u"}}],
             "users":[{"name":"u","user":{}}],
             "clusters":[{"name":"c","cluster":{"server":"https://127.0.0.1:1","certificate-authority-data":"!!!"}}]}
            """
    )]
    public async Task A_kubeconfig_that_cannot_be_used_ends_in_one_line(string kubeconfig)
    {
        var (exitCode, errors) = await StartAsync(kubeconfig, []);

        Assert.Equal(2, exitCode);
        Assert.Matches("^ocx-operator: cannot use the API server's address and credentials .*\n$", errors);
    }

    [Fact]
    public async Task A_port_that_is_taken_or_none_ends_in_one_line()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var (exitCode, errors) = await StartAsync(Usable, new() { ["OCX_HTTP_PORT"] = $"{port}" });
        Assert.Equal(2, exitCode);
        Assert.Matches("^ocx-operator: cannot listen .*\n$", errors);

        (exitCode, errors) = await StartAsync(Usable, new() { ["OCX_HTTP_PORT"] = "often" });
        Assert.Equal(2, exitCode);
        Assert.Matches("^ocx-operator: .*'OCX_HTTP_PORT'.*\n$", errors);
    }

    public void Dispose() => File.Delete(_kubeconfig);

    private async Task<(int ExitCode, string Errors)> StartAsync(
        string kubeconfig,
        Dictionary<string, string> environment
    )
    {
        await File.WriteAllTextAsync(_kubeconfig, kubeconfig, TestContext.Current.CancellationToken);
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "ocx-operator.dll")])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            Environment = { ["KUBECONFIG"] = _kubeconfig, ["OCX_HTTP_ADDRESS"] = "127.0.0.1" },
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        string errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await output;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, errors);
    }
}
