using Ocx.Cli.Terminals;

namespace Ocx.Cli.Tests;

/// <summary>Runs the command in this process, as a shell with its output in a pipe would.</summary>
internal sealed record Ocx(int ExitCode, string Output, string Errors)
{
    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public static async Task<Ocx> RunAsync(byte[]? input, params string[] arguments)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var terminal = new Terminal(
            output,
            errors,
            new MemoryStream(input ?? []),
            isInteractive: false,
            colours: false
        );
        int code = await OcxCommand.RunAsync(terminal, arguments, TestContext.Current.CancellationToken);
        return new Ocx(code, output.ToString(), errors.ToString());
    }

    public static Task<Ocx> RunAsync(params string[] arguments) => RunAsync(input: null, arguments);
}
