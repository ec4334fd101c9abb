using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ocx.Api;
using Ocx.Cli.Clusters;
using Ocx.Cli.Exits;
using Ocx.Cli.Options;
using Ocx.Cli.Terminals;
using Ocx.Text;
using Spectre.Console;

namespace Ocx.Cli.Status;

/// <summary><c>ocx status</c>: what the taps count.</summary>
internal static class StatusCommand
{
    private const int MostRows = 10_000;

    /// <summary>Describes the command.</summary>
    public static Command Create(Terminal terminal)
    {
        var agent = CliOption.Text(
            "--agent",
            "URL",
            "Ask one agent at its --http-port, such as http://127.0.0.1:9090, instead of a cluster"
        );
        Option<OutputFormat> output = CliOption.Output();
        var options = new ClusterOptions();
        var command = new Command(
            "status",
            """
            Show the McpTaps of a cluster and what their nodes count, or the counts of one agent.

            Examples:
              ocx status
              ocx status -o wide
              ocx status --agent http://127.0.0.1:9090
            """
        )
        {
            agent,
            output,
        };
        options.AddTo(command);
        command.SetAction(
            async (parse, cancellation) =>
            {
                OutputFormat format = parse.GetValue(output);
                if (parse.GetValue(agent) is { } url)
                {
                    Print(terminal, await ReadMetricsAsync(url, cancellation).ConfigureAwait(false), format);
                    return ExitCodes.Ok;
                }

                using Cluster cluster = options.Connect(parse);
                Print(terminal, await cluster.TapsAsync(terminal.Say, cancellation).ConfigureAwait(false), format);
                return ExitCodes.Ok;
            }
        );
        return command;
    }

    private static void Print(Terminal terminal, IReadOnlyList<ListedTap> listed, OutputFormat format)
    {
        if (format == OutputFormat.Json)
        {
            foreach (ListedTap each in listed)
            {
                JsonLines.Write(
                    terminal,
                    json => WireJson.WriteValue(json, Encoding.UTF8.GetBytes(WithoutManagedFields(each.Json)))
                );
            }

            return;
        }

        V1Alpha1McpTap[] taps = [.. listed.Select(each => each.Tap)];

        bool wide = format == OutputFormat.Wide;
        terminal.Console.Write(TapTables.Taps(taps, wide));
        if (taps.Any(tap => tap.Status?.Nodes?.Count > 0))
        {
            terminal.Console.WriteLine();
            terminal.Console.Write(TapTables.Nodes(taps, wide, DateTime.UtcNow));
        }

        if (TapTables.Unread(taps) is { } unread)
        {
            terminal.Console.WriteLine();
            terminal.Console.Write(unread);
        }

        foreach (V1Alpha1McpTap tap in taps.Where(tap => tap.Status?.OmittedNodes > 0))
        {
            terminal.Say(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{tap.Status!.OmittedNodes} more nodes of {tap.Metadata.Name}, none worse than these"
                )
            );
        }
    }

    // Who last wrote which field is as long as the rest and says nothing here; kubectl leaves it out too.
    private static string WithoutManagedFields(JsonElement json)
    {
        var tap = JsonObject.Create(json)!;
        (tap["metadata"] as JsonObject)?.Remove("managedFields");
        return tap.ToJsonString();
    }

    private static async Task<IReadOnlyList<Series>> ReadMetricsAsync(string url, CancellationToken cancellation)
    {
        if (
            !Uri.TryCreate(url.TrimEnd('/') + "/metrics", UriKind.Absolute, out Uri? address)
            || address.Scheme is not ("http" or "https")
        )
        {
            throw CliException.CannotStart($"--agent {url}: want a URL such as http://127.0.0.1:9090");
        }

        using var client = new HttpClient
        {
            Timeout = TimeSpan.FromSeconds(10),
            MaxResponseContentBufferSize = 64 << 20,
        };
        try
        {
            // Bytes: a charset that the answer names may be none.
            return
            [
                .. Series.Parse(
                    Encoding.UTF8.GetString(await client.GetByteArrayAsync(address, cancellation).ConfigureAwait(false))
                ),
            ];
        }
        catch (Exception away)
            when (!cancellation.IsCancellationRequested && away is HttpRequestException or TaskCanceledException)
        {
            throw CliException.Failed(
                $"no agent answers at {address}: {away.InnerException?.Message ?? away.Message}",
                away
            );
        }
    }

    private static void Print(Terminal terminal, IReadOnlyList<Series> metrics, OutputFormat format)
    {
        if (format == OutputFormat.Json)
        {
            JsonLines.Write(
                terminal,
                json =>
                {
                    json.WriteStartObject();
                    foreach (
                        Series series in metrics
                            .DistinctBy(series => series.Name)
                            .Where(series => double.IsFinite(series.Value))
                    )
                    {
                        json.WriteNumber(series.Name, series.Value);
                    }

                    json.WriteEndObject();
                }
            );
            return;
        }

        Table table = Tables.Create("METRIC", "VALUE");
        Series[] shown = [.. metrics.Where(series => format == OutputFormat.Wide || series.IsOfInterest)];
        foreach (Series series in shown.Take(MostRows))
        {
            string value = series.Value.ToString("0.######", CultureInfo.InvariantCulture);
            table.AddRow(
                Tables.Cell(series.Name),
                Tables.Cell(value, series.IsLoss && series.Value > 0 ? Color.Red : null)
            );
        }

        terminal.Console.Write(table);
        if (shown.Length > MostRows)
        {
            terminal.Say(
                string.Create(CultureInfo.InvariantCulture, $"{shown.Length - MostRows} more series: -o json has all")
            );
        }
    }
}
