using System.Text.RegularExpressions;

namespace Ocx.Cluster.Tests;

/// <summary>What docs/getting-started.md tells a new user to type, typed as it stands there.</summary>
[Collection(nameof(Alone))]
public sealed partial class GettingStartedTests(Release release)
{
    // What goes on until the user ends it is ended when it has shown what the page promises, or after so many seconds.
    private const int WatchSeconds = 180;

    private const string Counted = "^mcp +any +8080 +16Mi +[1-9][0-9]* +[1-9][0-9]* +[1-9][0-9]* +0 +Running ";
    private const string Shown = "default/mcp-client +default/mcp-server +tools/call +add +.* ok";
    private const string Called = "\"method\":\"tools/call\",\"name\":\"add\",\"status\":\"ok\"";

    [Fact]
    public async Task The_page_leads_from_an_installed_chart_to_calls_by_tool()
    {
        try
        {
            await release.ShellAsync(Commands("4. Something to tap"));
            string taps = await release.ShellAsync(Commands("5. Tap", Counted));
            Assert.Matches($"(?m){Counted}", taps);

            string calls = await release.ShellAsync(Commands("6. Who called what", $"{Shown}|{Called}"));
            Assert.Matches(Shown, calls);
            Assert.Contains(Called, calls, StringComparison.Ordinal);
            string events = await release.ShellAsync("kubectl get events");
            Assert.Contains("NoAuthorization", events, StringComparison.Ordinal);

            string described = await release.ShellAsync(Commands("When something is not as it should be"));
            Assert.Contains("Kind:         McpTap", described, StringComparison.Ordinal);
        }
        finally
        {
            await release.ShellAsync(
                "kubectl delete mcptap mcp --ignore-not-found; "
                    + "kubectl delete pod mcp-server mcp-client --ignore-not-found --grace-period 1"
            );
        }
    }

    private static string Commands(string section, string until = "")
    {
        string page = File.ReadAllText(Path.Combine(Checkout.Root, "docs/getting-started.md"));
        string text = page.Split("\n## ").Single(part => part.StartsWith(section + "\n", StringComparison.Ordinal));
        string script = string.Join('\n', Block().Matches(text).Select(block => block.Groups[1].Value));
        Assert.NotEmpty(script);
        return Endless()
            .Replace(
                script,
                match =>
                    $"sed -E '/{until.Replace("/", "\\/", StringComparison.Ordinal)}/q' "
                    + $"< <(timeout {WatchSeconds} {match.Value})"
            );
    }

    [GeneratedRegex(@"^```sh\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex("^kubectl .* --(?:watch|follow)$", RegexOptions.Multiline)]
    private static partial Regex Endless();
}
