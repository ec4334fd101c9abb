namespace Ocx.Audit.Expressions;

/// <summary>Which values are equal, and which is less.</summary>
internal static class CelOrder
{
    /// <summary>
    /// Are two values equal? Values of different types are not, but numbers are by their value. Where the evaluation
    /// is exhausted, or has a <see cref="Evaluation.Fault"/>, the answer means nothing.
    /// </summary>
    public static bool AreEqual(Evaluation evaluation, in CelValue a, in CelValue b)
    {
        if (a.IsError || b.IsError)
        {
            evaluation.Fault ??= a.IsError ? a : b;
            return false;
        }

        if (a.Type != b.Type)
        {
            return a.Type.IsNumber() && b.Type.IsNumber() && CompareNumbers(a, b) == 0;
        }

        return a.Type switch
        {
            CelType.Double => a.Double == b.Double,
            CelType.String => AreEqual(evaluation, a.String, b.String),
            CelType.List => AreEqual(evaluation, a.List, b.List),
            CelType.Map => AreEqual(evaluation, a.Map, b.Map),
            _ => a.Int == b.Int,
        };
    }

    /// <summary>Compares two values that have an order.</summary>
    /// <returns>Less than 0, 0 or more; null where there is no order, as with NaN.</returns>
    public static int? Compare(in CelValue a, in CelValue b) =>
        a.Type == CelType.String ? CompareText(a.String, b.String)
        : a.Type.IsNumber() ? CompareNumbers(a, b)
        : a.Int.CompareTo(b.Int);

    /// <summary>Is there an order between values of these types?</summary>
    public static bool AreOrdered(CelType a, CelType b) =>
        a == b
            ? a
                is CelType.Bool
                    or CelType.Int
                    or CelType.Double
                    or CelType.String
                    or CelType.Timestamp
                    or CelType.Duration
            : a.IsNumber() && b.IsNumber();

    private static bool AreEqual(Evaluation evaluation, string a, string b) =>
        a.Length == b.Length && evaluation.SpendScan(a.Length) && string.Equals(a, b, StringComparison.Ordinal);

    private static bool AreEqual(Evaluation evaluation, CelValue[] a, CelValue[] b)
    {
        if (a.Length != b.Length)
        {
            return false;
        }

        for (var i = 0; i < a.Length; i++)
        {
            if (!evaluation.Spend(1) || !AreEqual(evaluation, a[i], b[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool AreEqual(Evaluation evaluation, Dictionary<string, CelValue> a, Dictionary<string, CelValue> b)
    {
        if (a.Count != b.Count)
        {
            return false;
        }

        foreach (var (key, value) in a)
        {
            if (
                !evaluation.SpendScan(16 + key.Length)
                || !b.TryGetValue(key, out var other)
                || !AreEqual(evaluation, value, other)
            )
            {
                return false;
            }
        }

        return true;
    }

    private static int? CompareNumbers(in CelValue a, in CelValue b) =>
        (a.Type, b.Type) switch
        {
            (CelType.Int, CelType.Int) => a.Int.CompareTo(b.Int),
            (CelType.Int, _) => Compare(a.Int, b.Double),
            (_, CelType.Int) => -Compare(b.Int, a.Double),
            _ when double.IsNaN(a.Double) || double.IsNaN(b.Double) => null,
            _ => a.Double.CompareTo(b.Double),
        };

    // As the specification has it: a large int is rounded to the next double.
    private static int? Compare(long whole, double number) =>
        double.IsNaN(number) ? null : ((double)whole).CompareTo(number);

    // By code points, as UTF-8 sorts: a surrogate stands for what is above all other units.
    private static int CompareText(string a, string b)
    {
        var same = a.AsSpan().CommonPrefixLength(b);
        if (same == a.Length || same == b.Length)
        {
            return a.Length.CompareTo(b.Length);
        }

        var (left, right) = (a[same], b[same]);
        return char.IsSurrogate(left) == char.IsSurrogate(right)
            ? left.CompareTo(right)
            : char.IsSurrogate(left).CompareTo(char.IsSurrogate(right));
    }
}
