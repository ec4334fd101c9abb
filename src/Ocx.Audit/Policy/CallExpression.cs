using System.Text.Json;
using Ocx.Audit.Expressions;

namespace Ocx.Audit.Policy;

/// <summary>
/// A value that is made of a call: CEL over the names of <see cref="CallEnvironment"/>. It is made of what was sent and
/// nothing else: what is masked, or was not all seen, makes it fail where a condition would do with it.
/// </summary>
public sealed class CallExpression
{
    private static readonly Declarations s_exact = new([.. CallEnvironment.Declarations.Fields.Select(Exact)])
    {
        Elsewhere = CallEnvironment.Declarations.Elsewhere,
    };

    private readonly CelNode _root;

    private CallExpression(CelNode root) => _root = root;

    /// <summary>Compiles an expression.</summary>
    /// <param name="text">CEL that gives what JSON has.</param>
    /// <returns>The expression, to be evaluated by any number of threads.</returns>
    /// <exception cref="FormatException">It cannot be used; the message says where, why and what is known.</exception>
    public static CallExpression Compile(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            var root = ExpressionCompiler.CompileAny(text, s_exact);
            return root.Type is CelType.Timestamp or CelType.Duration
                ? throw new FormatException($"JSON has no {root.Type.Name()}: string() makes a text of it")
                : new(root);
        }
        catch (ExpressionException e)
        {
            throw new FormatException(e.Message, e);
        }
    }

    /// <summary>Evaluates it, and writes what it gives.</summary>
    /// <param name="to">Where the value goes. What is there of a value that failed is of no use.</param>
    /// <param name="facts">The call.</param>
    /// <param name="most">How many bytes the writer may have in all.</param>
    /// <returns>Why there is no value; null when there is one. The text quotes nothing of the call.</returns>
    public string? Write(Utf8JsonWriter to, CallFacts facts, long most)
    {
        ArgumentNullException.ThrowIfNull(to);
        ArgumentNullException.ThrowIfNull(facts);
        facts.Evaluation.Restart();
        return CelJson.Write(to, _root.Evaluate(facts.Evaluation), most);
    }

    private static CelField Exact(CelField field) =>
        field.Name == "call.arguments" ? field with { Read = facts => ((CallFacts)facts).ExactArguments }
        : field.Type == CelType.String
            ? field with
            {
                Read = facts =>
                    field.Read(facts) is { } text && text.String.Contains(CallArguments.Mask, StringComparison.Ordinal)
                        ? CallArguments.Masked
                        : text,
            }
        : field;
}
