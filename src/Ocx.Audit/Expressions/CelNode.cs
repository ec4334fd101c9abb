namespace Ocx.Audit.Expressions;

/// <summary>A part of an expression, checked and ready to be evaluated, from many threads at once.</summary>
internal abstract class CelNode
{
    /// <summary>What it gives, as far as that is known before; an error aside.</summary>
    public abstract CelType Type { get; }

    /// <summary>What one evaluation costs beyond what is charged for the sizes of values.</summary>
    public virtual int Cost => 1;

    public abstract CelValue Evaluate(Evaluation evaluation);
}

/// <summary>A literal.</summary>
internal sealed class ConstantNode(CelValue value) : CelNode
{
    public CelValue Value { get; } = value;

    public override CelType Type => Value.Type;

    public override CelValue Evaluate(Evaluation evaluation) => Value;
}

/// <summary>A macro's variable.</summary>
internal sealed class LocalNode(int slot) : CelNode
{
    public int Slot => slot;

    public override CelType Type => CelType.Dyn;

    public override CelValue Evaluate(Evaluation evaluation) => evaluation.Locals[slot];
}

/// <summary>A declared field, <c>call.tool</c>.</summary>
internal sealed class FieldNode(CelField field) : CelNode
{
    public CelField Field { get; } = field;

    public override CelType Type => Field.Type;

    public override CelValue Evaluate(Evaluation evaluation) => Field.Read(evaluation.Input);
}

/// <summary><c>has()</c> of a declared field.</summary>
internal sealed class HasFieldNode(CelField field) : CelNode
{
    public override CelType Type => CelType.Bool;

    public override CelValue Evaluate(Evaluation evaluation) =>
        field.Unsaid?.Invoke(evaluation.Input) ?? CelValue.Of(field.IsSet(evaluation.Input));
}

/// <summary>A list that is written out.</summary>
internal sealed class ListNode(CelNode[] elements) : CelNode
{
    public CelNode[] Elements { get; } = elements;

    public override CelType Type => CelType.List;

    public override int Cost { get; } = 1 + elements.Sum(element => element.Cost);

    public override CelValue Evaluate(Evaluation evaluation)
    {
        if (!evaluation.Spend(Elements.Length))
        {
            return CelValue.Exhausted;
        }

        var values = new CelValue[Elements.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Elements[i].Evaluate(evaluation);
            if (values[i].IsError)
            {
                return values[i];
            }
        }

        return CelValue.Of(values);
    }
}

/// <summary>A map that is written out.</summary>
internal sealed class MapNode((string Key, CelNode Value)[] entries) : CelNode
{
    public override CelType Type => CelType.Map;

    public override int Cost { get; } = 1 + entries.Sum(entry => entry.Value.Cost);

    public override CelValue Evaluate(Evaluation evaluation)
    {
        if (!evaluation.Spend(4 * entries.Length))
        {
            return CelValue.Exhausted;
        }

        var map = new Dictionary<string, CelValue>(entries.Length);
        foreach (var (key, node) in entries)
        {
            var value = node.Evaluate(evaluation);
            if (value.IsError)
            {
                return value;
            }

            map.Add(key, value);
        }

        return CelValue.Of(map);
    }
}
