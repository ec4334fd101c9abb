using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Ocx.Text;
using Spectre.Console;

namespace Ocx.Cli.Terminals;

/// <summary>
/// Where the command writes: results to standard output, all that is said about them to standard error.
/// </summary>
internal sealed class Terminal
{
    private const int UnboundedWidth = 1000,
        LongestMessage = 2000;

    /// <summary>
    /// A terminal over writers. Colours are for people: there are none in a file, in a pipe or with NO_COLOR.
    /// </summary>
    public Terminal(TextWriter output, TextWriter errors, Stream input, bool isInteractive, bool colours)
    {
        (Output, Errors, Input, IsInteractive, Colours) = (output, errors, input, isInteractive, colours);
        Console = AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Out = new AnsiConsoleOutput(output),
                Ansi = isInteractive ? AnsiSupport.Detect : AnsiSupport.No,
                ColorSystem = colours ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
                Interactive = isInteractive ? InteractionSupport.Detect : InteractionSupport.No,
            }
        );
        if (!isInteractive)
        {
            // Nothing is to be wrapped for a reader that is no screen.
            Console.Profile.Width = UnboundedWidth;
        }
    }

    /// <summary>Standard output, for lines.</summary>
    public TextWriter Output { get; }

    /// <summary>Standard output, for tables.</summary>
    public IAnsiConsole Console { get; }

    /// <summary>Standard error.</summary>
    public TextWriter Errors { get; }

    /// <summary>Standard input.</summary>
    public Stream Input { get; }

    /// <summary>Is standard output a screen?</summary>
    public bool IsInteractive { get; }

    /// <summary>Are colours wanted?</summary>
    public bool Colours { get; }

    /// <summary>The process's own streams.</summary>
    public static Terminal OfProcess()
    {
        bool interactive = !System.Console.IsOutputRedirected;
        bool colours =
            interactive
            && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
            && Environment.GetEnvironmentVariable("TERM") != "dumb";
        var output = new StreamWriter(
            OpenStandardOutput(),
            new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            4096
        );
        return new Terminal(output, System.Console.Error, System.Console.OpenStandardInput(), interactive, colours);
    }

    /// <summary>A text in a colour, where there are colours.</summary>
    public string Painted(string text, Paint paint) =>
        Colours && paint != Paint.None
            ? string.Create(CultureInfo.InvariantCulture, $"\x1b[{(int)paint}m{text}\x1b[0m")
            : text;

    /// <summary>One line about what happens, on standard error.</summary>
    public void Say(string message) => Errors.WriteLine($"ocx: {WireText.Escape(message, LongestMessage)}");

    // The console's own stream swallows EPIPE: `ocx observe -f | head` would never end. A file is left to it, since its
    // place in the file may be shared with standard error.
    private static Stream OpenStandardOutput()
    {
        const int Descriptor = 1;
        var pipe = new FileStream(new SafeFileHandle(Descriptor, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        return pipe.CanSeek ? System.Console.OpenStandardOutput() : pipe;
    }
}
