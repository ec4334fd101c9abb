// Simulated nodes report into a real API server while a real operator keeps the McpTap's status: Ocx.ScaleBench
// OUTPUT.json NODES...
using System.Globalization;
using System.Text.Json;
using Ocx.ScaleBench;

if (args is not [var output, _, ..])
{
    Console.Error.WriteLine("usage: Ocx.ScaleBench OUTPUT.json NODES...");
    return 2;
}

var findings = new List<Finding>();
foreach (var nodes in args[1..].Select(text => int.Parse(text, CultureInfo.InvariantCulture)))
{
    await using var run = await ScaleRun.StartAsync(nodes);
    try
    {
        findings.AddRange(await run.MeasureAsync());
    }
    catch (Exception)
    {
        // Such as a lease lost to a slow disk: the operator then ends, and its last lines say so.
        Console.Error.WriteLine(run.OperatorLog);
        throw;
    }
}

Console.WriteLine($"\n{"nodes", 6}  {"measure", -52} {"value", 10} {"limit", 10}");
foreach (var finding in findings)
{
    Console.WriteLine(
        string.Create(
            CultureInfo.InvariantCulture,
            $"{finding.Nodes, 6}  {finding.Name + ", " + finding.Unit, -52} {finding.Value, 10:0.##} "
                + $"{finding.Limit, 10:0.##} {(finding.IsMet ? "" : "MISSED")}"
        )
    );
}

await File.WriteAllTextAsync(output, JsonSerializer.Serialize(findings, FindingJson.Default.ListFinding));
return findings.All(finding => finding.IsMet) ? 0 : 1;
