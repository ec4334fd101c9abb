using System.CommandLine;
using Ocx.Cli.Clusters;
using Ocx.Cli.Exits;
using Ocx.Cli.Options;
using Ocx.Cli.Terminals;
using Ocx.Text;

namespace Ocx.Cli.Check;

/// <summary><c>ocx check</c>: what stands in the way.</summary>
internal static class CheckCommand
{
    private const int LongestText = 2000;

    /// <summary>Describes the command.</summary>
    public static Command Create(Terminal terminal)
    {
        var ofCluster = CliOption.Switch(
            "--cluster",
            "Check the cluster of the current context; so do --kubeconfig and --context"
        );
        var interfaces = CliOption.Text(
            "--interface",
            "NAMES",
            "Interfaces that are to be tapped, a comma list (default: any)"
        );
        Option<OutputFormat> output = CliOption.Output();
        var options = new ClusterOptions();
        var command = new Command(
            "check",
            """
            Check whether this machine, or a cluster, is able: one line for each thing looked at, and what to do.

            Examples:
              sudo ocx check --interface eth0
              kubectl ocx check --cluster
            """
        )
        {
            ofCluster,
            interfaces,
            output,
        };
        options.AddTo(command);
        command.SetAction(
            async (parse, cancellation) =>
            {
                if (parse.GetValue(ofCluster) || options.AreGiven(parse))
                {
                    using Cluster cluster = await options
                        .ConnectToOperatorAsync(parse, cancellation)
                        .ConfigureAwait(false);
                    return await PrintAsync(
                            terminal,
                            new ClusterChecks(cluster).RunAsync(cancellation),
                            parse.GetValue(output)
                        )
                        .ConfigureAwait(false);
                }

                string[] names = [.. (parse.GetValue(interfaces) ?? "any").Split(',').Where(name => name != "any")];
                return await PrintAsync(
                        terminal,
                        new MachineChecks("/", Environment.OSVersion.Version).Run(names).ToAsyncEnumerable(),
                        parse.GetValue(output)
                    )
                    .ConfigureAwait(false);
            }
        );
        return command;
    }

    private static async Task<int> PrintAsync(
        Terminal terminal,
        IAsyncEnumerable<Finding> findings,
        OutputFormat format
    )
    {
        int code = ExitCodes.Ok;
        await foreach (Finding finding in findings.ConfigureAwait(false))
        {
            code = finding.Level == Level.Fail ? ExitCodes.Failed : code;
            if (format == OutputFormat.Json)
            {
                JsonLines.Write(
                    terminal,
                    json =>
                    {
                        json.WriteStartObject();
                        json.WriteString("level", finding.Level.ToString().ToLowerInvariant());
                        json.WriteString("what", finding.What);
                        json.WriteString("do", finding.Do);
                        json.WriteEndObject();
                    }
                );
                continue;
            }

            (string word, Paint paint) = finding.Level switch
            {
                Level.Ok => ("ok  ", Paint.Green),
                Level.Warn => ("warn", Paint.Yellow),
                _ => ("fail", Paint.Red),
            };
            string todo = finding.Do.Length == 0 ? string.Empty : $" -> {WireText.Escape(finding.Do, LongestText)}";
            await terminal
                .Output.WriteLineAsync(
                    $"{terminal.Painted(word, paint)}  {WireText.Escape(finding.What, LongestText)}{todo}"
                )
                .ConfigureAwait(false);
        }

        return code;
    }
}
