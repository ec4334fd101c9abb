namespace Ocx.Audit.Expressions;

/// <summary>
/// Can an expression be true, can it be false? It follows what texts and bools a field may have through
/// <c>&amp;&amp;</c>, <c>||</c>, <c>!</c> and <c>?:</c>. What it does not understand it takes for possible, so a "no"
/// is a proof. Errors do not matter to it: they match nothing.
/// </summary>
internal static class Satisfiability
{
    /// <summary>Can it be what is wanted?</summary>
    /// <param name="node">The expression.</param>
    /// <param name="wanted">True or false.</param>
    /// <param name="values">The texts that a field can have here, by its name; only fields with few.</param>
    public static bool CanBe(CelNode node, bool wanted, IReadOnlyDictionary<string, IReadOnlyList<string>> values) =>
        Assume(node, wanted, new Facts(values));

    // A condition before '?' is followed twice, so conditions within conditions would double it each time.
    private const int MostSteps = 10_000;

    // Takes on that the node is as wanted. False: that contradicts what is known.
    private static bool Assume(CelNode node, bool wanted, Facts facts)
    {
        if (--facts.Steps.Left < 0)
        {
            return true;
        }

        switch (node)
        {
            case ConstantNode { Value.Type: CelType.Bool } constant:
                return constant.Value.IsTrue == wanted;
            case NotNode not:
                return Assume(not.Operand, !wanted, facts);
            case JunctionNode junction when junction.IsAnd == wanted:
                // All of them; alternatives last, when the rest is known.
                return junction
                    .Operands.OrderBy(operand => operand is JunctionNode or ConditionalNode)
                    .All(operand => Assume(operand, wanted, facts));
            case JunctionNode junction:
                return junction.Operands.Any(operand => Assume(operand, wanted, new Facts(facts)));
            case ConditionalNode conditional:
                return Both(conditional.Condition, true, conditional.WhenTrue)
                    || Both(conditional.Condition, false, conditional.WhenFalse);
            case EqualityNode equality:
                return AssumeOneOf(equality.Left, [equality.Right], wanted == equality.IsEqual, facts)
                    && AssumeOneOf(equality.Right, [equality.Left], wanted == equality.IsEqual, facts);
            case InNode { Of: ListNode list } within:
                return AssumeOneOf(within.Value, list.Elements, wanted, facts);
            case InNode { Of: ConstantNode { Value: { Type: CelType.List } list } } within:
                CelNode[] elements = [.. list.List.Select(element => new ConstantNode(element))];
                return AssumeOneOf(within.Value, elements, wanted, facts);
            case CallNode { Overloads: [{ Result: CelType.Bool, Name: not "bool" } function] } call:
                return AssumeText(function, call.Arguments, wanted, facts);
            case FieldNode or SelectNode when Path(node) is { } path:
                return facts.Restrict(path, [CelValue.Of(wanted)]);
            default:
                return true;
        }

        bool Both(CelNode condition, bool isTrue, CelNode then)
        {
            var branch = new Facts(facts);
            return Assume(condition, isTrue, branch) && Assume(then, wanted, branch);
        }
    }

    private static bool AssumeOneOf(CelNode value, CelNode[] of, bool wanted, Facts facts)
    {
        var path = Path(value);
        if (path is null || !of.All(node => node is ConstantNode { Value.Type: CelType.String or CelType.Bool }))
        {
            return true;
        }

        CelValue[] values = [.. of.Select(node => ((ConstantNode)node).Value)];
        return wanted ? facts.Restrict(path, values) : facts.Exclude(path, values);
    }

    // path.startsWith('a') and its like.
    private static bool AssumeText(CelFunction function, CelNode[] arguments, bool wanted, Facts facts) =>
        Path(arguments[0]) is not { } path
        || arguments is not [_, ConstantNode { Value: var text }]
        || facts.Hold(
            path,
            value =>
                value.Type == CelType.String
                && function.Body(new Evaluation(function), value, text) is { Type: CelType.Bool } result
                && result.IsTrue == wanted
        );

    // What always has the same value within one evaluation.
    private static string? Path(CelNode node) =>
        node switch
        {
            FieldNode field => field.Field.Name,
            SelectNode select when Path(select.Map) is { } map => $"{map}.{select.Name}",
            _ => null,
        };

    private sealed class Facts
    {
        private readonly Dictionary<string, CelValue[]> _allowed;
        private readonly Dictionary<string, Predicate<CelValue>> _rules;

        public Facts(IReadOnlyDictionary<string, IReadOnlyList<string>> values)
        {
            _allowed = values.ToDictionary(field => field.Key, field => field.Value.Select(CelValue.Of).ToArray());
            _rules = [];
            Steps = new Steps { Left = MostSteps };
        }

        public Facts(Facts other)
        {
            _allowed = new(other._allowed);
            _rules = new(other._rules);
            Steps = other.Steps;
        }

        public Steps Steps { get; }

        public bool Restrict(string path, CelValue[] to)
        {
            _allowed[path] = _allowed.TryGetValue(path, out var allowed)
                ? [.. allowed.Where(value => Contains(to, value))]
                : to;
            return Hold(path, _ => true);
        }

        public bool Exclude(string path, CelValue[] values) => Hold(path, value => !Contains(values, value));

        public bool Hold(string path, Predicate<CelValue> rule)
        {
            var before = _rules.GetValueOrDefault(path);
            _rules[path] = before is null ? rule : value => before(value) && rule(value);
            if (!_allowed.TryGetValue(path, out var allowed))
            {
                return true;
            }

            _allowed[path] = [.. allowed.Where(value => _rules[path](value))];
            return _allowed[path].Length > 0;
        }

        private static bool Contains(CelValue[] values, CelValue value) =>
            values.Any(other => CelOrder.AreEqual(new Evaluation(values), other, value));
    }

    private sealed class Steps
    {
        public int Left { get; set; }
    }
}
