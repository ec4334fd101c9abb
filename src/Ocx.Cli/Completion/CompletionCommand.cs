using System.CommandLine;
using Ocx.Cli.Terminals;

namespace Ocx.Cli.Completion;

/// <summary><c>ocx completion</c>: a script that has the shell ask <c>ocx</c> itself what may come next.</summary>
internal static class CompletionCommand
{
    // Each asks with System.CommandLine's directive [suggest:POSITION], and so knows what this version knows.
    private const string Bash = """
        _ocx() {
          local IFS=$'\n' candidates
          candidates=$(ocx "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)
          COMPREPLY=($(compgen -W "${candidates}" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _ocx ocx
        """;

    private const string Zsh = """
        #compdef ocx
        _ocx() {
          local -a candidates
          candidates=("${(@f)$(ocx "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
          candidates=("${(@)candidates:#}")
          if (( ${#candidates} )); then compadd -- "${candidates[@]}"; else _files; fi
        }
        compdef _ocx ocx
        """;

    private const string Fish = """
        complete -c ocx -f -a '(ocx "[suggest:"(commandline -C)"]" (commandline -cp) 2>/dev/null)'
        complete -c ocx -n '__fish_seen_subcommand_from replay' -F
        """;

    /// <summary>Describes the command.</summary>
    public static Command Create(Terminal terminal)
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh or fish" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Command(
            "completion",
            """
            Print a script that completes commands and options in a shell.

            Examples:
              source <(ocx completion bash)
              ocx completion fish > ~/.config/fish/completions/ocx.fish
            """
        )
        {
            shell,
        };
        command.SetAction(parse =>
            terminal.Output.WriteLine(
                parse.GetRequiredValue(shell) switch
                {
                    "bash" => Bash,
                    "zsh" => Zsh,
                    _ => Fish,
                }
            )
        );
        return command;
    }
}
