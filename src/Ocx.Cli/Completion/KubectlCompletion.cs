using System.CommandLine;
using Ocx.Cli.Terminals;

namespace Ocx.Cli.Completion;

/// <summary>
/// Answers kubectl, which completes <c>kubectl ocx …</c> by running <c>kubectl_complete-ocx</c> from the <c>PATH</c>
/// with the words so far, the one to complete being the last (since kubectl 1.26; k8s.io/kubectl, pkg/cmd/plugin). It
/// wants one candidate a line, and last a colon with cobra's directive as a number.
/// </summary>
internal static class KubectlCompletion
{
    /// <summary>The name that kubectl looks for: a link to <c>ocx</c>.</summary>
    public const string ProgramName = "kubectl_complete-ocx";

    /// <summary>The command that such a link runs.</summary>
    public const string CommandName = "complete-for-kubectl";

    // ShellCompDirectiveDefault and ShellCompDirectiveNoFileComp of spf13/cobra: files may be meant, or cannot be.
    private const int FilesMayBeMeant = 0,
        NoFiles = 4;

    /// <summary>Describes the command, which no help shows.</summary>
    public static Command Create(Terminal terminal)
    {
        var words = new Argument<string[]>("WORDS") { Arity = ArgumentArity.ZeroOrMore };
        var command = new Command(CommandName) { words };
        command.Hidden = true;
        command.SetAction(parse => Print(terminal, parse.RootCommandResult.Command, parse.GetValue(words) ?? []));
        return command;
    }

    private static void Print(Terminal terminal, Command root, IReadOnlyList<string> words)
    {
        string line = string.Join(' ', words);
        string[] candidates =
        [
            .. root.Parse(line)
                .GetCompletions(line.Length)
                .Select(candidate => candidate.InsertText ?? candidate.Label)
                .Where(text => text.Length > 0),
        ];
        foreach (string candidate in candidates)
        {
            terminal.Output.WriteLine(candidate);
        }

        terminal.Output.WriteLine(candidates.Length > 0 ? $":{NoFiles}" : $":{FilesMayBeMeant}");
    }
}
