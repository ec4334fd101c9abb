namespace Ocx.Audit.Expressions;

/// <summary><c>+</c>, <c>-</c>, <c>*</c>, <c>/</c> or <c>%</c>.</summary>
internal sealed class ArithmeticNode(CelNode left, CelNode right, char operation, string place) : CelNode
{
    private readonly CelValue _mismatch = CelValue.Error(
        $"'{operation}' has operands that do not go together ({place})"
    );
    private readonly CelValue _overflow = CelValue.Error($"the result of '{operation}' is out of bounds ({place})");
    private readonly CelValue _byZero = CelValue.Error($"a division by zero ({place})");

    public override CelType Type { get; } = TypeOf(left.Type, right.Type, operation) ?? CelType.Dyn;

    public override int Cost { get; } = 1 + left.Cost + right.Cost;

    /// <summary>What an operator gives for two types; null where it takes no such two.</summary>
    public static CelType? TypeOf(CelType left, CelType right, char operation) =>
        (left, right, operation) switch
        {
            (CelType.Dyn, _, _) or (_, CelType.Dyn, _) => CelType.Dyn,
            (CelType.Int, CelType.Int, _) => CelType.Int,
            (CelType.Double, CelType.Double, '+' or '-' or '*' or '/') => CelType.Double,
            (CelType.String, CelType.String, '+') => CelType.String,
            (CelType.List, CelType.List, '+') => CelType.List,
            (CelType.Duration, CelType.Duration, '+' or '-') => CelType.Duration,
            (CelType.Timestamp, CelType.Duration, '+' or '-') => CelType.Timestamp,
            (CelType.Duration, CelType.Timestamp, '+') => CelType.Timestamp,
            (CelType.Timestamp, CelType.Timestamp, '-') => CelType.Duration,
            _ => null,
        };

    public override CelValue Evaluate(Evaluation evaluation)
    {
        var (a, b) = (left.Evaluate(evaluation), right.Evaluate(evaluation));
        if (a.IsError || b.IsError)
        {
            return a.IsError ? a : b;
        }

        return (a.Type, b.Type) switch
        {
            (CelType.Int, CelType.Int) => Whole(a.Int, b.Int),
            (CelType.Double, CelType.Double) => Number(a.Double, b.Double),
            (CelType.String, CelType.String) when operation == '+' => Join(evaluation, a.String, b.String),
            (CelType.List, CelType.List) when operation == '+' => Join(evaluation, a.List, b.List),
            _ when TypeOf(a.Type, b.Type, operation) is { } type => InTime(type, a.Int, b.Int),
            _ => _mismatch,
        };
    }

    private CelValue Whole(long a, long b)
    {
        switch (operation)
        {
            case '+':
                var sum = unchecked(a + b);
                return ((a ^ sum) & (b ^ sum)) < 0 ? _overflow : CelValue.Of(sum);
            case '-':
                var difference = unchecked(a - b);
                return ((a ^ b) & (a ^ difference)) < 0 ? _overflow : CelValue.Of(difference);
            case '*':
                var high = Math.BigMul(a, b, out var low);
                return high == low >> 63 ? CelValue.Of(low) : _overflow;
            case var _ when b == 0:
                return _byZero;
            case var _ when b == -1:
                return operation == '%' ? CelValue.Of(0)
                    : a == long.MinValue ? _overflow
                    : CelValue.Of(-a);
            default:
                return CelValue.Of(operation == '/' ? a / b : a % b);
        }
    }

    private CelValue Number(double a, double b) =>
        operation switch
        {
            '+' => CelValue.Of(a + b),
            '-' => CelValue.Of(a - b),
            '*' => CelValue.Of(a * b),
            '/' => CelValue.Of(a / b),
            _ => _mismatch,
        };

    private CelValue Join(Evaluation evaluation, string a, string b)
    {
        var length = a.Length + b.Length;
        return !evaluation.SpendCopy(length) ? CelValue.Exhausted
            : length > Evaluation.LongestString ? _overflow
            : CelValue.Of(string.Concat(a, b));
    }

    private static CelValue Join(Evaluation evaluation, CelValue[] a, CelValue[] b) =>
        evaluation.Spend(1L + a.Length + b.Length) ? CelValue.Of([.. a, .. b]) : CelValue.Exhausted;

    // Times and durations are counts of 100 ns.
    private CelValue InTime(CelType type, long a, long b)
    {
        var ticks = Whole(a, b);
        if (ticks.IsError)
        {
            return ticks;
        }

        return type == CelType.Duration ? InBounds(ticks.Int)
            : ticks.Int < 0 || ticks.Int > DateTime.MaxValue.Ticks ? _overflow
            : CelValue.Of(new DateTime(ticks.Int, DateTimeKind.Utc));
    }

    private CelValue InBounds(long ticks) =>
        ticks <= CelLimits.Duration.Ticks && ticks >= -CelLimits.Duration.Ticks
            ? CelValue.Of(new TimeSpan(ticks))
            : _overflow;
}

/// <summary>The sign <c>-</c>.</summary>
internal sealed class NegationNode(CelNode operand, string place) : CelNode
{
    private readonly CelValue _mismatch = CelValue.Error($"'-' stands before what is no number ({place})");
    private readonly CelValue _overflow = CelValue.Error($"the result of '-' is out of bounds ({place})");

    public override CelType Type => operand.Type;

    public override int Cost { get; } = 1 + operand.Cost;

    public override CelValue Evaluate(Evaluation evaluation)
    {
        var value = operand.Evaluate(evaluation);
        return value.Type switch
        {
            CelType.Int => value.Int == long.MinValue ? _overflow : CelValue.Of(-value.Int),
            CelType.Double => CelValue.Of(-value.Double),
            CelType.Error => value,
            _ => _mismatch,
        };
    }
}
