using Ocx.Cli;
using Ocx.Cli.Completion;
using Ocx.Cli.Terminals;

// kubectl asks a program of its own for completions.
bool asked = Path.GetFileName(Environment.GetCommandLineArgs()[0]) == KubectlCompletion.ProgramName;
return await OcxCommand
    .RunAsync(Terminal.OfProcess(), asked ? [KubectlCompletion.CommandName, "--", .. args] : args)
    .ConfigureAwait(false);
