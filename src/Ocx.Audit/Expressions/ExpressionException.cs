namespace Ocx.Audit.Expressions;

/// <summary>An expression that cannot be used, with the place.</summary>
/// <param name="line">The line, from 1.</param>
/// <param name="column">The column, from 1.</param>
/// <param name="problem">What is wrong there.</param>
internal sealed class ExpressionException(int line, int column, string problem)
    : Exception($"{Place(line, column)}: {problem}")
{
    /// <summary>A place, as messages name it: the column alone in the first line.</summary>
    public static string Place(int line, int column) => line > 1 ? $"line {line}, column {column}" : $"column {column}";
}
