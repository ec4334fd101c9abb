using Antlr4.Runtime;
using static Cel.Internal.CelParser;

namespace Ocx.Audit.Expressions;

/// <summary>Names, fields, calls and macros.</summary>
internal sealed partial class ExpressionCompiler
{
    private CelNode Member(MemberContext context)
    {
        switch (context)
        {
            case SelectContext select:
                RefuseOptional(select.opt);
                if (DeclaredField(select) is { } field)
                {
                    return new FieldNode(field);
                }

                var map = Member(select.member());
                Expect(map, CelType.Map, select.id, $"what has a field '{select.id.Text}'");
                HoldElement(map, select.id);
                return new SelectNode(map, select.id.Text, Place(select.id));
            case IndexContext index:
                RefuseOptional(index.opt);
                return Index(index);
            case MemberCallContext call:
                return MacroOf(call.id.Text) is { } macro
                    ? MacroCall(macro, call)
                    : Call(call.id, CallStyle.Member, [Member(call.member()), .. Arguments(call.args)]);
            default:
                return Primary(((PrimaryExprContext)context).primary());
        }
    }

    private CelNode Primary(PrimaryContext context)
    {
        switch (context)
        {
            case NestedContext nested:
                return Expression(nested.e);
            case ConstantLiteralContext constant:
                return Literal(constant.literal());
            case CreateListContext list:
                CelNode[] elements = [.. list.elems?._elems.Select(Element) ?? []];
                return Fold(new ListNode(elements), list.Start, elements);
            case CreateStructContext map:
                return MapLiteral(map);
            case IdentOrGlobalCallContext { op: null } name:
                return Variable(name.id);
            case IdentOrGlobalCallContext { id.Text: "has" } has:
                return Has(has);
            case IdentOrGlobalCallContext call:
                return Call(call.id, CallStyle.Global, Arguments(call.args));
            default:
                throw Problem(context.Start, "messages are not supported");
        }
    }

    private CelNode Variable(IToken name)
    {
        var slot = _locals.IndexOf(name.Text);
        if (slot >= 0)
        {
            return new LocalNode(slot);
        }

        if (_declarations.Find(name.Text) is { } field)
        {
            _read.Add(field.Name);
            return new FieldNode(field);
        }

        if (_declarations.Elsewhere.TryGetValue(name.Text, out var why))
        {
            throw Problem(name, why);
        }

        throw _declarations.HasFields(name.Text)
            ? Problem(
                name,
                $"'{name.Text}' is no value: name one of its fields; "
                    + Suggestion.Of(string.Empty, _declarations.FieldsOf(name.Text))
            )
            : Problem(
                name,
                $"there is no variable '{name.Text}': "
                    + Suggestion.Of(name.Text, [.. _declarations.Variables, .. _locals])
            );
    }

    private CelNode Index(IndexContext context)
    {
        var (of, at) = (Member(context.member()), Expression(context.index));
        var isRight =
            (of.Type.Fits(CelType.List) && at.Type.Fits(CelType.Int))
            || (of.Type.Fits(CelType.Map) && at.Type.Fits(CelType.String));
        return isRight
            ? Fold(new IndexNode(of, at, Place(context.op)), context.op, of, at)
            : throw Problem(
                context.op,
                $"a list takes an int, and a map a string; this is a {of.Type.Name()} with a {at.Type.Name()}"
            );
    }

    private CelNode MapLiteral(CreateStructContext context)
    {
        var entries = new List<(string Key, CelNode Value)>();
        var keys = context.entries?._keys ?? [];
        for (var i = 0; i < keys.Count; i++)
        {
            var key = Element(keys[i]) is ConstantNode { Value: { Type: CelType.String } text }
                ? text.String
                : throw Problem(keys[i].Start, "keys of a map that are no string literals are not supported");
            if (entries.Any(entry => entry.Key == key))
            {
                throw Problem(keys[i].Start, "the map has this key already");
            }

            entries.Add((key, Expression(context.entries!._values[i])));
        }

        var map = new MapNode([.. entries]);
        return Fold(map, context.Start, [.. entries.Select(entry => entry.Value)]);
    }

    private CelNode Has(IdentOrGlobalCallContext context)
    {
        var arguments = context.args?._e ?? [];
        if (arguments is not [var argument] || Unwrap(argument) is not SelectContext select)
        {
            throw Problem(context.id, "has() takes one field, has(call.arguments.path)");
        }

        RefuseOptional(select.opt);
        if (DeclaredField(select) is { } field)
        {
            return new HasFieldNode(field);
        }

        var map = Member(select.member());
        Expect(map, CelType.Map, select.id, $"what has() asks for '{select.id.Text}'");
        HoldElement(map, select.id);
        return new HasNode(map, select.id.Text, Place(select.id));
    }

    private CelNode[] Arguments(ExprListContext? context) => [.. context?._e.Select(Expression) ?? []];

    private CelNode Element(OptExprContext context)
    {
        RefuseOptional(context.opt);
        return Expression(context.e);
    }

    private static CelNode Call(IToken name, CallStyle style, CelNode[] arguments)
    {
        if (name.Text == "matches")
        {
            return Matches(name, arguments);
        }

        CelFunction[] named = [.. CelFunctions.All.Where(f => f.Name == name.Text && f.Style.HasFlag(style))];
        if (named.Length == 0)
        {
            throw Unknown(name, style);
        }

        CelFunction[] fitting = [.. named.Where(function => function.Parameters.Length == arguments.Length)];
        if (fitting.Length == 0)
        {
            var counts = named
                .Select(f => f.Parameters.Length - (style == CallStyle.Member ? 1 : 0))
                .Distinct()
                .Order();
            var given = arguments.Length - (style == CallStyle.Member ? 1 : 0);
            throw Problem(name, $"{name.Text}() takes {string.Join(" or ", counts)} arguments, not {given}");
        }

        fitting = [.. fitting.Where(f => f.Parameters.Zip(arguments).All(pair => pair.Second.Type.Fits(pair.First)))];
        if (fitting.Length == 0)
        {
            var types = string.Join(" and a ", arguments.Select(argument => argument.Type.Name()));
            throw Problem(name, $"{name.Text}() does not take a {types}");
        }

        HoldZone(name, arguments);
        var call = new CallNode(fitting, arguments, Place(name));
        return name.Text == "dyn" ? call : Fold(call, name, arguments);
    }

    // Who looks up a zone reads a file of that name.
    private static void HoldZone(IToken name, CelNode[] arguments)
    {
        if (arguments.Length < 2 || !name.Text.StartsWith("get", StringComparison.Ordinal))
        {
            return;
        }

        if (arguments[1] is not ConstantNode { Value: var zone } || !TimeFunctions.TryFindZone(zone.String, out _))
        {
            throw Problem(name, $"{name.Text}() takes a time zone as a literal, 'Europe/Berlin' or '+02:00'");
        }
    }

    private static CelNode Matches(IToken name, CelNode[] arguments)
    {
        if (arguments is not [var text, var pattern])
        {
            throw Problem(name, $"matches() takes 1 argument behind a string, not {arguments.Length - 1}");
        }

        Expect(text, CelType.String, name, "what matches() asks");
        if (pattern is not ConstantNode { Value: { Type: CelType.String } literal })
        {
            throw Problem(name, "matches() takes its regular expression as a literal, so that its cost is known");
        }

        try
        {
            return Fold(new MatchesNode(text, TextPattern.Compile(literal.String), Place(name)), name, text);
        }
        catch (FormatException e)
        {
            throw Problem(name, $"matches(): {e.Message}");
        }
    }

    private static ExpressionException Unknown(IToken name, CallStyle style)
    {
        var isElsewhere = CelFunctions.All.Any(function => function.Name == name.Text);
        var known = CelFunctions.All.Where(function => function.Style.HasFlag(style)).Select(function => function.Name);
        string[] more = style == CallStyle.Member ? [.. s_macros.Keys, "matches"] : ["has", "matches"];
        return isElsewhere
            ? Problem(name, $"{name.Text}() is called {(style == CallStyle.Member ? "as f(x)" : "as x.f()")}")
            : Problem(
                name,
                $"there is no function {name.Text}(): {Suggestion.Of(name.Text, known.Concat(more).Distinct())}"
            );
    }

    private static void RefuseOptional(IToken? optional)
    {
        if (optional is not null)
        {
            throw Problem(optional, "optional values are not supported: has() asks whether a field is there");
        }
    }

    // What a single member is within the levels of the grammar; null where it is more.
    private static MemberContext? Unwrap(ExprContext context) =>
        context is { op: null, e: { _e1.Count: 0, e: { _e1.Count: 0, e: { op: null } relation } } }
        && relation.calc() is { op: null } calc
        && calc.unary() is MemberExprContext member
            ? member.member()
            : null;
}
