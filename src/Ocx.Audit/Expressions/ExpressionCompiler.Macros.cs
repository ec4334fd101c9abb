using Antlr4.Runtime;
using static Cel.Internal.CelParser;

namespace Ocx.Audit.Expressions;

/// <summary>Macros.</summary>
internal sealed partial class ExpressionCompiler
{
    private static readonly Dictionary<string, Macro> s_macros = new()
    {
        ["all"] = Macro.All,
        ["exists"] = Macro.Exists,
        ["exists_one"] = Macro.ExistsOne,
        ["filter"] = Macro.Filter,
        ["map"] = Macro.Map,
    };

    private static Macro? MacroOf(string name) => s_macros.TryGetValue(name, out var macro) ? macro : null;

    private MacroNode MacroCall(Macro macro, MemberCallContext context)
    {
        var arguments = context.args?._e ?? [];
        if (arguments.Count != 2 && (macro != Macro.Map || arguments.Count != 3))
        {
            throw Problem(
                context.id,
                $"{context.id.Text}() takes a name and an expression, {context.id.Text}(x, x == 'a')"
            );
        }

        var range = Member(context.member());
        if (!range.Type.Fits(CelType.List) && !range.Type.Fits(CelType.Map))
        {
            throw Problem(context.id, $"{context.id.Text}() goes through a list or a map, not a {range.Type.Name()}");
        }

        var slot = _locals.Count;
        if (slot == CelLimits.MacroDepth)
        {
            throw Problem(context.id, $"macros stand at most {CelLimits.MacroDepth} deep within each other");
        }

        _locals.Add(NameOf(arguments[0], context.id));
        _elements.Add(range is FieldNode { Field.Elements: { } elements } ? elements : null);
        var condition = macro != Macro.Map || arguments.Count == 3 ? Expression(arguments[1]) : null;
        if (condition is not null)
        {
            Expect(condition, CelType.Bool, arguments[1].Start, $"the condition of {context.id.Text}()");
        }

        var transform = macro == Macro.Map ? Expression(arguments[^1]) : null;
        _locals.RemoveAt(slot);
        _elements.RemoveAt(slot);
        return new MacroNode(macro, range, slot, condition, transform, Place(context.id));
    }

    private string NameOf(ExprContext context, IToken macro)
    {
        if (
            Unwrap(context) is not PrimaryExprContext primary
            || primary.primary() is not IdentOrGlobalCallContext { op: null } name
        )
        {
            throw Problem(context.Start, $"the first argument of {macro.Text}() is a name for the element");
        }

        return _locals.Contains(name.id.Text) || _declarations.Variables.Contains(name.id.Text)
            ? throw Problem(name.id, $"the name '{name.id.Text}' is taken")
            : name.id.Text;
    }
}
