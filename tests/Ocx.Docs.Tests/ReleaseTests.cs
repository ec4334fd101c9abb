using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Ocx.Docs.Tests;

/// <summary>A release is what docs/releasing.md says, under one version.</summary>
public partial class ReleaseTests
{
    private static readonly string[] s_architectures = ["amd64", "arm64"];

    [Fact]
    public async Task The_page_lists_the_files_of_a_release()
    {
        var page = Row()
            .Matches(Pages.All.Single(page => page.Path == "docs/releasing.md").Text)
            .Select(row => row.Groups[1].Value.Replace("VERSION", "1.2.3", StringComparison.Ordinal))
            .SelectMany(file =>
                s_architectures.Select(arch => file.Replace("ARCH", arch, StringComparison.Ordinal)).Distinct()
            );
        using var files = Process.Start(
            new ProcessStartInfo(Checkout.PathOf("hack/release/files"), ["1.2.3"]) { RedirectStandardOutput = true }
        )!;
        string listed = await files.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await files.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, files.ExitCode);
        Assert.Equal(listed.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(), page.Order());
    }

    [Theory]
    [InlineData("deploy/helm/ocx-tap/Chart.yaml", "version: ")]
    [InlineData("deploy/helm/ocx-tap/Chart.yaml", "appVersion: ")]
    [InlineData("Dockerfile.agent", "ARG VERSION=")]
    [InlineData("Dockerfile.operator", "ARG VERSION=")]
    [InlineData("Dockerfile.auditor", "ARG VERSION=")]
    [InlineData("Dockerfile.gate", "ARG VERSION=")]
    [InlineData("samples/Dockerfile", "ARG VERSION=")]
    public void There_is_one_version(string file, string before) =>
        Assert.Contains(
            before + Version().Match(File.ReadAllText(Checkout.PathOf("Directory.Build.props"))).Groups[1].Value,
            File.ReadLines(Checkout.PathOf(file))
        );

    [GeneratedRegex(@"^\| `([^`]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("<Version>(.+)</Version>")]
    private static partial Regex Version();
}
