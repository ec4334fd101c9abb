using System.Diagnostics;

namespace Ocx.Operator.Tests;

public sealed class StartTests : IDisposable
{
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
        await File.WriteAllTextAsync(_kubeconfig, kubeconfig, TestContext.Current.CancellationToken);
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "ocx-operator.dll")])
        {
            RedirectStandardError = true,
            Environment = { ["KUBECONFIG"] = _kubeconfig },
        };
        using Process process = Process.Start(start)!;
        string errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(2, process.ExitCode);
        Assert.Matches("^ocx-operator: cannot use the API server's address and credentials .*\n$", errors);
    }

    public void Dispose() => File.Delete(_kubeconfig);
}
