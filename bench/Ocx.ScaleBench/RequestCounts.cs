using System.Globalization;
using System.Text.RegularExpressions;
using Ocx.ControlPlane.Tests;

namespace Ocx.ScaleBench;

/// <summary>The writes that the API server has counted itself (<c>apiserver_request_total</c>).</summary>
internal sealed partial record RequestCounts(DateTime At, double ReportWrites, double StatusWrites)
{
    public static async Task<RequestCounts> ReadAsync(Cluster cluster)
    {
        var text = await cluster.ControlPlane.KubectlAsync("get", "--raw", "/metrics");
        double reports = 0,
            status = 0;
        foreach (
            var line in text.Split('\n')
                .Where(line => line.StartsWith("apiserver_request_total{", StringComparison.Ordinal))
        )
        {
            var labels = Label()
                .Matches(line)
                .ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);
            if (
                labels.GetValueOrDefault("group") != "ocx.dev"
                || labels["verb"] is "GET" or "LIST" or "WATCH" or "CONNECT"
            )
            {
                continue;
            }

            var value = double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture);
            if (labels["resource"] == "mcptapreports")
            {
                reports += value;
            }
            else if (labels["subresource"] == "status")
            {
                status += value;
            }
        }

        return new RequestCounts(DateTime.UtcNow, reports, status);
    }

    [GeneratedRegex("([a-z_]+)=\"([^\"]*)\"")]
    private static partial Regex Label();
}
