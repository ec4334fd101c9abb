namespace Ocx.Audit.Expressions;

/// <summary>A member of a map, <c>map.name</c>.</summary>
internal sealed class SelectNode(CelNode map, string name, string place) : CelNode
{
    private readonly CelValue _missing = CelValue.Error($"there is no '{name}' ({place}); has() asks for it");
    private readonly CelValue _noMap = CelValue.Error($"what has no fields is asked for '{name}' ({place})");

    public CelNode Map { get; } = map;

    public string Name { get; } = name;

    public override CelType Type => CelType.Dyn;

    public override int Cost { get; } = 1 + map.Cost;

    public override CelValue Evaluate(Evaluation evaluation)
    {
        var map = Map.Evaluate(evaluation);
        return map.Type switch
        {
            CelType.Map => map.Map.TryGetValue(Name, out var value) ? value : _missing,
            CelType.Error => map,
            _ => _noMap,
        };
    }
}

/// <summary><c>has(map.name)</c>.</summary>
internal sealed class HasNode(CelNode map, string name, string place) : CelNode
{
    private readonly CelValue _noMap = CelValue.Error($"has() asks what has no fields for '{name}' ({place})");

    public override CelType Type => CelType.Bool;

    public override int Cost { get; } = 1 + map.Cost;

    public override CelValue Evaluate(Evaluation evaluation)
    {
        var value = map.Evaluate(evaluation);
        return value.Type switch
        {
            CelType.Map => CelValue.Of(value.Map.ContainsKey(name)),
            CelType.Error => value,
            _ => _noMap,
        };
    }
}

/// <summary>An element of a list or a map, <c>list[0]</c>.</summary>
internal sealed class IndexNode(CelNode of, CelNode index, string place) : CelNode
{
    private readonly CelValue _missing = CelValue.Error($"there is no such key ({place})");
    private readonly CelValue _beyond = CelValue.Error($"the list has no such element ({place})");
    private readonly CelValue _mismatch = CelValue.Error($"only a list takes an int, and a map a string ({place})");

    public override CelType Type => CelType.Dyn;

    public override int Cost { get; } = 1 + of.Cost + index.Cost;

    public override CelValue Evaluate(Evaluation evaluation)
    {
        var (value, at) = (of.Evaluate(evaluation), index.Evaluate(evaluation));
        if (value.IsError || at.IsError)
        {
            return value.IsError ? value : at;
        }

        return (value.Type, at.Type) switch
        {
            (CelType.Map, CelType.String) when !evaluation.SpendScan(at.String.Length) => CelValue.Exhausted,
            (CelType.Map, CelType.String) => value.Map.TryGetValue(at.String, out var found) ? found : _missing,
            (CelType.List, CelType.Int) => Element(value.List, at.Int),
            (CelType.List, CelType.Double) when double.IsInteger(at.Double) => Element(value.List, at.Double),
            _ => _mismatch,
        };
    }

    private CelValue Element(CelValue[] list, double index) =>
        index >= 0 && index < list.Length ? list[(long)index] : _beyond;
}

/// <summary><c>value in list</c> or <c>key in map</c>.</summary>
internal sealed class InNode(CelNode value, CelNode of, string place) : CelNode
{
    private readonly CelValue _mismatch = CelValue.Error($"'in' looks into what is no list and no map ({place})");

    public CelNode Value { get; } = value;

    public CelNode Of { get; } = of;

    public override CelType Type => CelType.Bool;

    public override int Cost { get; } = 1 + value.Cost + of.Cost;

    public override CelValue Evaluate(Evaluation evaluation)
    {
        var (wanted, all) = (Value.Evaluate(evaluation), Of.Evaluate(evaluation));
        if (wanted.IsError || all.IsError)
        {
            return wanted.IsError ? wanted : all;
        }

        return all.Type switch
        {
            CelType.List => InList(evaluation, wanted, all.List),
            CelType.Map when wanted.Type != CelType.String => CelValue.False,
            CelType.Map when !evaluation.SpendScan(wanted.String.Length) => CelValue.Exhausted,
            CelType.Map => CelValue.Of(all.Map.ContainsKey(wanted.String)),
            _ => _mismatch,
        };
    }

    private static CelValue InList(Evaluation evaluation, in CelValue wanted, CelValue[] list)
    {
        foreach (var element in list)
        {
            if (!evaluation.Spend(1))
            {
                return CelValue.Exhausted;
            }

            if (CelOrder.AreEqual(evaluation, wanted, element))
            {
                evaluation.Fault = null;
                return CelValue.True;
            }
        }

        return evaluation.Answer(areEqual: false);
    }
}
