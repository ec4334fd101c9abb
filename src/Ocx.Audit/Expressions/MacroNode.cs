namespace Ocx.Audit.Expressions;

/// <summary>The macros that go through a list, or through the keys of a map.</summary>
internal enum Macro
{
    All,
    Exists,
    ExistsOne,
    Filter,
    Map,
}

/// <summary>A macro: <c>list.exists(x, x == 'a')</c>.</summary>
/// <param name="macro">Which.</param>
/// <param name="range">What it goes through.</param>
/// <param name="slot">Where the element is kept.</param>
/// <param name="condition">What each element is asked; null of <c>map</c> with two arguments.</param>
/// <param name="transform">What <c>map</c> makes of it; null of the others.</param>
/// <param name="place">Where it stands.</param>
internal sealed class MacroNode(
    Macro macro,
    CelNode range,
    int slot,
    CelNode? condition,
    CelNode? transform,
    string place
) : CelNode
{
    private readonly int _costOfOne = 2 + (condition?.Cost ?? 0) + (transform?.Cost ?? 0);
    private readonly CelValue _noRange = CelValue.Error($"a macro goes through a list or a map ({place})");
    private readonly CelValue _noBool = CelValue.Error($"the condition of a macro is no bool ({place})");

    public override CelType Type =>
        macro switch
        {
            Macro.Filter or Macro.Map => CelType.List,
            _ => CelType.Bool,
        };

    public override int Cost => 1 + range.Cost;

    public override CelValue Evaluate(Evaluation evaluation)
    {
        var over = range.Evaluate(evaluation);
        switch (over.Type)
        {
            case CelType.List:
                return Go(evaluation, over.List);
            case CelType.Map:
                return evaluation.Spend(over.Map.Count)
                    ? Go(evaluation, [.. over.Map.Keys.Select(CelValue.Of)])
                    : CelValue.Exhausted;
            case CelType.Error:
                return over;
            default:
                return _noRange;
        }
    }

    private CelValue Go(Evaluation evaluation, CelValue[] elements) =>
        macro switch
        {
            Macro.All => Any(evaluation, elements, decisive: false),
            Macro.Exists => Any(evaluation, elements, decisive: true),
            Macro.ExistsOne => One(evaluation, elements),
            _ => Collect(evaluation, elements),
        };

    // The conditions are joined by && or ||: an error counts only where no element decides.
    private CelValue Any(Evaluation evaluation, CelValue[] elements, bool decisive)
    {
        var result = CelValue.Of(!decisive);
        foreach (var element in elements)
        {
            var value = Ask(evaluation, element);
            if (value.IsExhausted)
            {
                return value;
            }

            if (value.IsError)
            {
                result = result is { IsError: true, IsNotRehearsed: false } ? result : value;
            }
            else if (value.IsTrue == decisive)
            {
                return value;
            }
        }

        return result;
    }

    private CelValue One(Evaluation evaluation, CelValue[] elements)
    {
        var found = 0;
        foreach (var element in elements)
        {
            var value = Ask(evaluation, element);
            if (value.IsError)
            {
                return value;
            }

            found += value.IsTrue ? 1 : 0;
        }

        return CelValue.Of(found == 1);
    }

    private CelValue Collect(Evaluation evaluation, CelValue[] elements)
    {
        var result = new List<CelValue>();
        foreach (var element in elements)
        {
            var value = Ask(evaluation, element);
            if (value.IsError)
            {
                return value;
            }

            if (value.IsFalse)
            {
                continue;
            }

            var made = transform is null ? element : transform.Evaluate(evaluation);
            if (made.IsError)
            {
                return made;
            }

            result.Add(made);
        }

        return CelValue.Of(result.ToArray());
    }

    private CelValue Ask(Evaluation evaluation, in CelValue element)
    {
        if (!evaluation.Spend(_costOfOne))
        {
            return CelValue.Exhausted;
        }

        evaluation.Locals[slot] = element;
        if (condition is null)
        {
            return CelValue.True;
        }

        var value = condition.Evaluate(evaluation);
        return value.Type is CelType.Bool or CelType.Error ? value : _noBool;
    }
}
