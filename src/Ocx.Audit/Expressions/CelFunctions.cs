using static Ocx.Audit.Expressions.CelType;

namespace Ocx.Audit.Expressions;

/// <summary>The functions of CEL, and those of its strings' extension that rules about tools need.</summary>
internal static class CelFunctions
{
    /// <summary>Every overload.</summary>
    public static IReadOnlyList<CelFunction> All { get; } =
    [
        new("size", CallStyle.Both, [CelType.String], Int, SizeOfText),
        new("size", CallStyle.Both, [List], Int, (_, in a, in _) => CelValue.Of((long)a.List.Length)),
        new("size", CallStyle.Both, [Map], Int, (_, in a, in _) => CelValue.Of((long)a.Map.Count)),
        new("contains", CallStyle.Member, [CelType.String, CelType.String], Bool, Contains),
        new("startsWith", CallStyle.Member, [CelType.String, CelType.String], Bool, StartsWith),
        new("endsWith", CallStyle.Member, [CelType.String, CelType.String], Bool, EndsWith),
        new("lowerAscii", CallStyle.Member, [CelType.String], CelType.String, LowerAscii),
        new("upperAscii", CallStyle.Member, [CelType.String], CelType.String, UpperAscii),
        new("trim", CallStyle.Member, [CelType.String], CelType.String, Trim),
        new("dyn", CallStyle.Global, [Dyn], Dyn, Same),
        .. Conversions.All,
        .. TimeFunctions.All,
    ];

    /// <summary>Gives back what it got.</summary>
    public static CelValue Same(Evaluation evaluation, in CelValue a, in CelValue b) => a;

    // In code points, not in UTF-16's units.
    private static CelValue SizeOfText(Evaluation evaluation, in CelValue a, in CelValue b)
    {
        var text = a.String;
        if (!evaluation.SpendScan(text.Length))
        {
            return CelValue.Exhausted;
        }

        long pairs = 0;
        for (var rest = text.AsSpan(); rest.IndexOfAnyInRange('\ud800', '\udbff') is var at and >= 0; )
        {
            var isPair = at + 1 < rest.Length && char.IsLowSurrogate(rest[at + 1]);
            pairs += isPair ? 1 : 0;
            rest = rest[(at + (isPair ? 2 : 1))..];
        }

        return CelValue.Of(text.Length - pairs);
    }

    private static CelValue Contains(Evaluation evaluation, in CelValue a, in CelValue b) =>
        !evaluation.Spend(1 + ContainsCost(a.String.Length, b.String.Length))
            ? CelValue.Exhausted
            : CelValue.Of(a.String.Contains(b.String, StringComparison.Ordinal));

    // What is looked for can match almost at each place: then the work is the product of both lengths.
    private static long ContainsCost(long text, long wanted) => text / 16 * (1 + (wanted / 16));

    private static CelValue StartsWith(Evaluation evaluation, in CelValue a, in CelValue b) =>
        !evaluation.SpendScan(b.String.Length)
            ? CelValue.Exhausted
            : CelValue.Of(a.String.StartsWith(b.String, StringComparison.Ordinal));

    private static CelValue EndsWith(Evaluation evaluation, in CelValue a, in CelValue b) =>
        !evaluation.SpendScan(b.String.Length)
            ? CelValue.Exhausted
            : CelValue.Of(a.String.EndsWith(b.String, StringComparison.Ordinal));

    private static CelValue LowerAscii(Evaluation evaluation, in CelValue a, in CelValue b) =>
        WithCase(evaluation, a.String, static c => char.IsAsciiLetterUpper(c) ? (char)(c | 0x20) : c);

    private static CelValue UpperAscii(Evaluation evaluation, in CelValue a, in CelValue b) =>
        WithCase(evaluation, a.String, static c => char.IsAsciiLetterLower(c) ? (char)(c & ~0x20) : c);

    private static CelValue WithCase(Evaluation evaluation, string text, Func<char, char> change)
    {
        if (!evaluation.SpendCopy(text.Length))
        {
            return CelValue.Exhausted;
        }

        var changed = text.ToCharArray();
        for (var i = 0; i < changed.Length; i++)
        {
            changed[i] = change(changed[i]);
        }

        return CelValue.Of(new string(changed));
    }

    private static CelValue Trim(Evaluation evaluation, in CelValue a, in CelValue b) =>
        !evaluation.SpendCopy(a.String.Length) ? CelValue.Exhausted : CelValue.Of(a.String.Trim());
}
