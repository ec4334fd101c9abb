using Ocx.Cli;
using Ocx.Cli.Terminals;

return await OcxCommand.RunAsync(Terminal.OfProcess(), args).ConfigureAwait(false);
