using System.CommandLine;
using System.CommandLine.Parsing;

namespace Ocx.Cli.Options;

/// <summary>Defines options whose values are checked as they are parsed.</summary>
internal static class CliOption
{
    /// <summary>
    /// An option with a value; where it is not given its value is null or 0, and what stands for it then is told by the
    /// description.
    /// </summary>
    public static Option<T> Of<T>(
        string flag,
        string valueName,
        Func<string, T> parse,
        string description,
        params string[] aliases
    ) =>
        new(flag, aliases)
        {
            Description = description,
            HelpName = valueName,
            Arity = ArgumentArity.ExactlyOne,
            CustomParser = argument => Parse(argument, flag, parse),
        };

    /// <summary>An option with a text, or none.</summary>
    public static Option<string?> Text(string flag, string valueName, string description, params string[] aliases) =>
        Of<string?>(flag, valueName, text => text, description, aliases);

    /// <summary>A switch.</summary>
    public static Option<bool> Switch(string flag, string description, params string[] aliases) =>
        new(flag, aliases) { Description = description };

    /// <summary>The format of the results.</summary>
    public static Option<OutputFormat> Output()
    {
        Option<OutputFormat> option = Of(
            "--output",
            "table|wide|json",
            OptionParsers.Output,
            "Format of the results (default: table)",
            "-o"
        );
        option.CompletionSources.Add("table", "wide", "json");
        return option;
    }

    private static T? Parse<T>(ArgumentResult argument, string flag, Func<string, T> parse)
    {
        string text = argument.Tokens[^1].Value;
        try
        {
            return parse(text);
        }
        catch (FormatException wrong)
        {
            argument.AddError($"{flag} {text}: {wrong.Message}");
            return default;
        }
    }
}
