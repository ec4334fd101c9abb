using System.Globalization;
using Antlr4.Runtime;
using static Cel.Internal.CelParser;

namespace Ocx.Audit.Expressions;

/// <summary>
/// Makes nodes of the grammar's tree and checks them against what is declared: names, fields, functions, the number of
/// their arguments, and types where they are known.
/// </summary>
internal sealed partial class ExpressionCompiler
{
    private readonly Declarations _declarations;

    // The macros around what is compiled, by their variables.
    private readonly List<string> _locals = [];

    // What is known of the variables: the fields that each has, where they are declared.
    private readonly List<IReadOnlyList<string>?> _elements = [];

    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    private ExpressionCompiler(Declarations declarations) => _declarations = declarations;

    /// <summary>Compiles an expression that gives a bool.</summary>
    /// <param name="text">The expression.</param>
    /// <param name="declarations">What it may name.</param>
    /// <param name="read">The declared fields that it names.</param>
    /// <exception cref="ExpressionException">It cannot be used; the message says where and why.</exception>
    public static CelNode Compile(string text, Declarations declarations, out IReadOnlySet<string> read)
    {
        var tree = ExpressionParser.Parse(text);
        var compiler = new ExpressionCompiler(declarations);
        var node = compiler.Expression(tree.e);
        read = compiler._read;
        return node.Type.Fits(CelType.Bool) && node is not ConstantNode { Type: not CelType.Bool }
            ? node
            : throw Problem(tree.Start, $"a rule is a bool, true or false; this is a {node.Type.Name()}");
    }

    /// <summary>Compiles an expression of any type.</summary>
    internal static CelNode CompileAny(string text, Declarations declarations) =>
        new ExpressionCompiler(declarations).Expression(ExpressionParser.Parse(text).e);

    private CelNode Expression(ExprContext context)
    {
        var node = Or(context.e);
        if (context.op is null)
        {
            return node;
        }

        Expect(node, CelType.Bool, context.e.Start, "the condition before '?'");
        return new ConditionalNode(node, Or(context.e1), Expression(context.e2), Place(context.op));
    }

    private CelNode Or(ConditionalOrContext context) =>
        context._e1.Count == 0
            ? And(context.e)
            : Junction([context.e, .. context._e1], And, isAnd: false, context._ops[0]);

    private CelNode And(ConditionalAndContext context) =>
        context._e1.Count == 0
            ? Relation(context.e)
            : Junction([context.e, .. context._e1], Relation, isAnd: true, context._ops[0]);

    private static JunctionNode Junction<T>(T[] contexts, Func<T, CelNode> compile, bool isAnd, IToken at)
        where T : ParserRuleContext
    {
        var operands = new CelNode[contexts.Length];
        for (var i = 0; i < operands.Length; i++)
        {
            operands[i] = compile(contexts[i]);
            Expect(operands[i], CelType.Bool, contexts[i].Start, $"an operand of '{at.Text}'");
        }

        return new JunctionNode(operands, isAnd, Place(at));
    }

    private CelNode Relation(RelationContext context)
    {
        if (context.op is null)
        {
            return Calc(context.calc());
        }

        var (left, right) = (Relation(context.relation(0)), Relation(context.relation(1)));
        var place = Place(context.op);
        switch (context.op.Text)
        {
            case "in":
                if (!right.Type.Fits(CelType.List) && !right.Type.Fits(CelType.Map))
                {
                    throw Problem(context.op, $"'in' looks into a list or a map, not into a {right.Type.Name()}");
                }

                return Fold(new InNode(left, right, place), context.op, left, right);
            case "==" or "!=":
                if (!AreComparable(left.Type, right.Type))
                {
                    throw Problem(
                        context.op,
                        $"'{context.op.Text}' compares a {left.Type.Name()} with a {right.Type.Name()}"
                    );
                }

                return Fold(new EqualityNode(left, right, context.op.Text == "=="), context.op, left, right);
            default:
                if (
                    left.Type != CelType.Dyn
                    && right.Type != CelType.Dyn
                    && !CelOrder.AreOrdered(left.Type, right.Type)
                )
                {
                    throw Problem(
                        context.op,
                        $"'{context.op.Text}' has no order between a {left.Type.Name()} and a {right.Type.Name()}"
                    );
                }

                var operation = context.op.Text switch
                {
                    "<" => OrderOperator.Less,
                    "<=" => OrderOperator.LessOrEqual,
                    ">" => OrderOperator.Greater,
                    _ => OrderOperator.GreaterOrEqual,
                };
                return Fold(new OrderNode(left, right, operation, place), context.op, left, right);
        }
    }

    private static bool AreComparable(CelType a, CelType b) => a.Fits(b) || (a.IsNumber() && b.IsNumber());

    private CelNode Calc(CalcContext context)
    {
        if (context.op is null)
        {
            return Unary(context.unary());
        }

        var (left, right) = (Calc(context.calc(0)), Calc(context.calc(1)));
        if (ArithmeticNode.TypeOf(left.Type, right.Type, context.op.Text[0]) is null)
        {
            throw Problem(
                context.op,
                $"'{context.op.Text}' does not go with a {left.Type.Name()} and a {right.Type.Name()}"
            );
        }

        return Fold(new ArithmeticNode(left, right, context.op.Text[0], Place(context.op)), context.op, left, right);
    }

    private CelNode Unary(UnaryContext context)
    {
        switch (context)
        {
            case LogicalNotContext not:
                var condition = Member(not.member());
                Expect(condition, CelType.Bool, not.Start, "what '!' stands before");
                for (var i = 0; i < not._ops.Count; i++)
                {
                    condition = Fold(new NotNode(condition, Place(not.Start)), not.Start, condition);
                }

                return condition;
            case NegateContext negate:
                // The least int has no positive counterpart.
                if (
                    negate._ops.Count == 1
                    && long.TryParse("-" + negate.member().GetText(), Digits, Invariant, out var n)
                )
                {
                    return new ConstantNode(CelValue.Of(n));
                }

                var number = Member(negate.member());
                if (number.Type != CelType.Dyn && !number.Type.IsNumber())
                {
                    throw Problem(negate.Start, $"'-' stands before a number, not before a {number.Type.Name()}");
                }

                for (var i = 0; i < negate._ops.Count; i++)
                {
                    number = Fold(new NegationNode(number, Place(negate.Start)), negate.Start, number);
                }

                return number;
            default:
                return Member(((MemberExprContext)context).member());
        }
    }

    private static ConstantNode Literal(LiteralContext context)
    {
        switch (context)
        {
            case IntContext whole:
                return new ConstantNode(CelValue.Of(Whole(whole)));
            case DoubleContext number:
                var text = (number.sign?.Text ?? string.Empty) + number.tok.Text;
                return new ConstantNode(CelValue.Of(double.Parse(text, Invariant)));
            case StringContext quoted:
                try
                {
                    return new ConstantNode(CelValue.Of(TextLiteral.Read(quoted.tok.Text)));
                }
                catch (FormatException e)
                {
                    throw Problem(quoted.Start, e.Message);
                }

            case BoolTrueContext:
                return new ConstantNode(CelValue.True);
            case BoolFalseContext:
                return new ConstantNode(CelValue.False);
            case NullContext:
                return new ConstantNode(CelValue.Null);
            default:
                throw Problem(context.Start, "unsigned integers and bytes are not supported");
        }
    }

    private static long Whole(IntContext context)
    {
        var digits = context.tok.Text;
        var isHex = digits.StartsWith("0x", StringComparison.Ordinal);
        var isOne = isHex
            ? long.TryParse(digits[2..], NumberStyles.AllowHexSpecifier, Invariant, out var value) && value >= 0
            : long.TryParse((context.sign?.Text ?? string.Empty) + digits, Digits, Invariant, out value);
        return !isOne ? throw Problem(context.Start, "the number is out of bounds")
            : isHex && context.sign is not null ? -value
            : value;
    }

    private const NumberStyles Digits = NumberStyles.AllowLeadingSign;

    private static CultureInfo Invariant => CultureInfo.InvariantCulture;

    // What depends on nothing is computed at once; what can only fail is refused.
    private static CelNode Fold(CelNode node, IToken at, params ReadOnlySpan<CelNode> parts)
    {
        foreach (var part in parts)
        {
            if (part is not ConstantNode)
            {
                return node;
            }
        }

        var value = node.Evaluate(new Evaluation(node));
        return value.IsError ? throw Problem(at, $"this can only fail: {value.Message}") : new ConstantNode(value);
    }

    private static void Expect(CelNode node, CelType type, IToken at, string what)
    {
        if (!node.Type.Fits(type))
        {
            throw Problem(at, $"{what} is a {type.Name()}; this is a {node.Type.Name()}");
        }
    }

    private static string Place(IToken token) => ExpressionException.Place(token.Line, token.Column + 1);

    private static ExpressionException Problem(IToken token, string problem) =>
        new(token.Line, token.Column + 1, problem);
}
