namespace Ocx.Audit.Expressions;

/// <summary>
/// <c>&amp;&amp;</c> or <c>||</c>. One operand that decides is enough, whatever the others are: an error counts only
/// where none does.
/// </summary>
internal sealed class JunctionNode(CelNode[] operands, bool isAnd, string place) : CelNode
{
    private readonly CelValue _noBool = CelValue.Error(
        $"'{(isAnd ? "&&" : "||")}' has an operand that is no bool ({place})"
    );

    public CelNode[] Operands { get; } = operands;

    public bool IsAnd { get; } = isAnd;

    public override CelType Type => CelType.Bool;

    public override int Cost { get; } = 1 + operands.Sum(operand => operand.Cost);

    public override CelValue Evaluate(Evaluation evaluation)
    {
        var result = CelValue.Of(IsAnd);
        foreach (var operand in Operands)
        {
            var value = operand.Evaluate(evaluation);
            if (value.Type != CelType.Bool)
            {
                if (value.IsExhausted)
                {
                    return value;
                }

                if (!result.IsError || result.IsNotRehearsed)
                {
                    result = value.IsError ? value : _noBool;
                }
            }
            else if (value.IsTrue != IsAnd)
            {
                return value;
            }
        }

        return result;
    }
}

/// <summary><c>!</c>.</summary>
internal sealed class NotNode(CelNode operand, string place) : CelNode
{
    private readonly CelValue _noBool = CelValue.Error($"'!' has an operand that is no bool ({place})");

    public CelNode Operand { get; } = operand;

    public override CelType Type => CelType.Bool;

    public override int Cost { get; } = 1 + operand.Cost;

    public override CelValue Evaluate(Evaluation evaluation)
    {
        var value = Operand.Evaluate(evaluation);
        return value.Type switch
        {
            CelType.Bool => CelValue.Of(value.IsFalse),
            CelType.Error => value,
            _ => _noBool,
        };
    }
}

/// <summary><c>condition ? a : b</c>.</summary>
internal sealed class ConditionalNode(CelNode condition, CelNode whenTrue, CelNode whenFalse, string place) : CelNode
{
    private readonly CelValue _noBool = CelValue.Error($"the condition before '?' is no bool ({place})");

    public CelNode Condition { get; } = condition;

    public CelNode WhenTrue { get; } = whenTrue;

    public CelNode WhenFalse { get; } = whenFalse;

    public override CelType Type { get; } = whenTrue.Type == whenFalse.Type ? whenTrue.Type : CelType.Dyn;

    public override int Cost { get; } = 1 + condition.Cost + Math.Max(whenTrue.Cost, whenFalse.Cost);

    public override CelValue Evaluate(Evaluation evaluation)
    {
        var value = Condition.Evaluate(evaluation);
        return value.Type switch
        {
            CelType.Bool => (value.IsTrue ? WhenTrue : WhenFalse).Evaluate(evaluation),
            CelType.Error => value,
            _ => _noBool,
        };
    }
}

/// <summary><c>==</c> or <c>!=</c>.</summary>
internal sealed class EqualityNode(CelNode left, CelNode right, bool isEqual) : CelNode
{
    public CelNode Left { get; } = left;

    public CelNode Right { get; } = right;

    public bool IsEqual { get; } = isEqual;

    public override CelType Type => CelType.Bool;

    public override int Cost { get; } = 1 + left.Cost + right.Cost;

    public override CelValue Evaluate(Evaluation evaluation)
    {
        var (a, b) = (Left.Evaluate(evaluation), Right.Evaluate(evaluation));
        if (a.IsError || b.IsError)
        {
            return a.IsError ? a : b;
        }

        var areEqual = CelOrder.AreEqual(evaluation, a, b);
        return evaluation.Answer(areEqual == IsEqual);
    }
}

/// <summary>The operators of <see cref="OrderNode"/>.</summary>
internal enum OrderOperator
{
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// <summary><c>&lt;</c>, <c>&lt;=</c>, <c>&gt;</c> or <c>&gt;=</c>.</summary>
internal sealed class OrderNode(CelNode left, CelNode right, OrderOperator operation, string place) : CelNode
{
    private readonly CelValue _mismatch = CelValue.Error($"there is no order between the two values ({place})");

    public override CelType Type => CelType.Bool;

    public override int Cost { get; } = 1 + left.Cost + right.Cost;

    public override CelValue Evaluate(Evaluation evaluation)
    {
        var (a, b) = (left.Evaluate(evaluation), right.Evaluate(evaluation));
        if (a.IsError || b.IsError)
        {
            return a.IsError ? a : b;
        }

        if (!CelOrder.AreOrdered(a.Type, b.Type))
        {
            return _mismatch;
        }

        if (a.Type == CelType.String && !evaluation.SpendScan(Math.Min(a.String.Length, b.String.Length)))
        {
            return CelValue.Exhausted;
        }

        var order = CelOrder.Compare(a, b);
        return CelValue.Of(
            operation switch
            {
                OrderOperator.Less => order < 0,
                OrderOperator.LessOrEqual => order <= 0,
                OrderOperator.Greater => order > 0,
                _ => order >= 0,
            }
        );
    }
}
