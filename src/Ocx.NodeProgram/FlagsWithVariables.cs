using System.CommandLine;
using System.CommandLine.Parsing;

namespace Ocx.NodeProgram;

/// <summary>
/// Makes options that have a flag and mostly an environment variable: the flag overrides the variable, and the variable
/// the default.
/// </summary>
/// <param name="environment">The value of a variable; null when it is not set.</param>
public sealed class FlagsWithVariables(Func<string, string?> environment)
{
    /// <summary>
    /// What is wrong with the first variable that could not be read; null so far. Known once the command line is
    /// parsed: only variables whose flags are not given are read.
    /// </summary>
    public string? EnvironmentError { get; private set; }

    /// <summary>An option with one value.</summary>
    public Option<T> Option<T>(
        string flag,
        string variable,
        string valueName,
        Func<string, T> parse,
        T byDefault,
        string description
    )
    {
        return new Option<T>(flag)
        {
            Description = $"{description} [{variable}]",
            HelpName = valueName,
            Arity = ArgumentArity.ExactlyOne,
            CustomParser = argument => FromFlag(argument, flag, argument.Tokens[0].Value, parse),
            DefaultValueFactory = _ => FromEnvironment(variable, parse, byDefault),
        };
    }

    /// <summary>An option with one value and without a variable.</summary>
    public static Option<T> FlagAlone<T>(
        string flag,
        string valueName,
        Func<string, T> parse,
        T byDefault,
        string description
    )
    {
        return new Option<T>(flag)
        {
            Description = description,
            HelpName = valueName,
            Arity = ArgumentArity.ExactlyOne,
            CustomParser = argument => FromFlag(argument, flag, argument.Tokens[0].Value, parse),
            DefaultValueFactory = _ => byDefault,
        };
    }

    /// <summary>An option that is true when it stands alone.</summary>
    public Option<bool> Switch(string flag, string variable, bool byDefault, string description)
    {
        return new Option<bool>(flag)
        {
            Description = $"{description} [{variable}]",
            HelpName = "true|false",
            Arity = ArgumentArity.ZeroOrOne,
            CustomParser = argument =>
                argument.Tokens is not [var token, ..] || FromFlag(argument, flag, token.Value, CommonParsers.Switch),
            DefaultValueFactory = _ => FromEnvironment(variable, CommonParsers.Switch, byDefault),
        };
    }

    /// <summary>An option that may be given again; its variable has one value a line.</summary>
    public Option<IReadOnlyList<string>> List(
        string flag,
        string variable,
        string valueName,
        Func<string, string> parse,
        string description
    )
    {
        return new Option<IReadOnlyList<string>>(flag)
        {
            Description = $"{description} [{variable}]",
            HelpName = valueName,
            Arity = ArgumentArity.OneOrMore,
            CustomParser = argument =>
                [.. argument.Tokens.Select(token => FromFlag(argument, flag, token.Value, parse)!)],
            DefaultValueFactory = _ =>
                FromEnvironment<IReadOnlyList<string>>(
                    variable,
                    text =>
                        [
                            .. text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                                .Select(parse),
                        ],
                    []
                ),
        };
    }

    /// <summary>
    /// The value of a variable, or the default. An empty variable counts as unset: that is how a manifest leaves one
    /// out.
    /// </summary>
    public T FromEnvironment<T>(string variable, Func<string, T> parse, T byDefault)
    {
        string? text = environment(variable);
        if (string.IsNullOrEmpty(text))
        {
            return byDefault;
        }
        try
        {
            return parse(text);
        }
        catch (FormatException wrong)
        {
            EnvironmentError ??= $"{variable}={text}: {wrong.Message}";
            return byDefault;
        }
    }

    private static T? FromFlag<T>(ArgumentResult argument, string flag, string text, Func<string, T> parse)
    {
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
