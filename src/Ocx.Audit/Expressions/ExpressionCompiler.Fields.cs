using Antlr4.Runtime;
using static Cel.Internal.CelParser;

namespace Ocx.Audit.Expressions;

/// <summary>Declared fields.</summary>
internal sealed partial class ExpressionCompiler
{
    // call.tool, where call is no macro's variable; and effects.state.rowsDeleted, where effects.state is declared.
    private CelField? DeclaredField(SelectContext select)
    {
        if (DeclaredMap(select.member()) is not { } map)
        {
            return null;
        }

        var field =
            _declarations.Find($"{map}.{select.id.Text}")
            ?? throw Problem(
                select.id,
                $"'{map}' has no field '{select.id.Text}': "
                    + Suggestion.Of(select.id.Text, _declarations.FieldsOf(map))
            );
        _read.Add(field.Name);
        return field;
    }

    // The name of what has declared fields; null of all else.
    private string? DeclaredMap(MemberContext context) =>
        context switch
        {
            PrimaryExprContext primary
                when primary.primary() is IdentOrGlobalCallContext { op: null } name
                    && !_locals.Contains(name.id.Text)
                    && _declarations.HasFields(name.id.Text) => name.id.Text,
            SelectContext { opt: null } select
                when DeclaredMap(select.member()) is { } map
                    && _declarations.Find($"{map}.{select.id.Text}") is { } field
                    && _declarations.IsDeclared(field) => field.Name,
            _ => null,
        };

    // c.address within effects.network.exists(c, …), where the elements' fields are declared.
    private void HoldElement(CelNode map, IToken name)
    {
        if (map is LocalNode local && _elements[local.Slot] is { } fields && !fields.Contains(name.Text))
        {
            throw Problem(
                name,
                $"'{_locals[local.Slot]}' has no field '{name.Text}': {Suggestion.Of(name.Text, fields)}"
            );
        }
    }
}
