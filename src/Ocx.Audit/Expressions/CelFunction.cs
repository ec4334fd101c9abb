namespace Ocx.Audit.Expressions;

/// <summary>What a function does. The second value is null's where it takes one.</summary>
internal delegate CelValue CelFunctionBody(Evaluation evaluation, in CelValue first, in CelValue second);

/// <summary>How a function is called.</summary>
[Flags]
internal enum CallStyle
{
    /// <summary><c>size(x)</c>.</summary>
    Global = 1,

    /// <summary><c>x.size()</c>: what stands before the dot is the first argument.</summary>
    Member = 2,
    Both = Global | Member,
}

/// <summary>One overload of a function.</summary>
/// <param name="Name">The name.</param>
/// <param name="Style">How it is called.</param>
/// <param name="Parameters">The types that it takes, one or two.</param>
/// <param name="Result">The type that it gives.</param>
/// <param name="Body">What it does.</param>
internal sealed record CelFunction(
    string Name,
    CallStyle Style,
    CelType[] Parameters,
    CelType Result,
    CelFunctionBody Body
);

/// <summary>A call of a function.</summary>
/// <param name="overloads">What may be meant, by the types that are known; all have as many parameters.</param>
/// <param name="arguments">The arguments, one or two.</param>
/// <param name="place">Where it stands.</param>
internal sealed class CallNode(CelFunction[] overloads, CelNode[] arguments, string place) : CelNode
{
    private readonly CelValue _mismatch = CelValue.Error($"{overloads[0].Name}() takes no such arguments ({place})");

    public CelFunction[] Overloads { get; } = overloads;

    public CelNode[] Arguments { get; } = arguments;

    public override CelType Type { get; } =
        overloads.All(overload => overload.Result == overloads[0].Result) ? overloads[0].Result : CelType.Dyn;

    public override int Cost { get; } = 1 + arguments.Sum(argument => argument.Cost);

    public override CelValue Evaluate(Evaluation evaluation)
    {
        var first = Arguments[0].Evaluate(evaluation);
        var second = Arguments.Length > 1 ? Arguments[1].Evaluate(evaluation) : CelValue.Null;
        if (first.IsError || second.IsError)
        {
            return first.IsError ? first : second;
        }

        foreach (var overload in Overloads)
        {
            if (
                first.Type.Fits(overload.Parameters[0])
                && (Arguments.Length == 1 || second.Type.Fits(overload.Parameters[1]))
            )
            {
                var result = overload.Body(evaluation, first, second);
                return !result.IsError || result.IsExhausted
                    ? result
                    : CelValue.Error($"{overload.Name}(): {result.Message} ({place})");
            }
        }

        return _mismatch;
    }
}
