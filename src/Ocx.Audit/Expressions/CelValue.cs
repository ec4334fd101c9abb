namespace Ocx.Audit.Expressions;

/// <summary>
/// A value of CEL, or the error that is there instead. Errors are values, since <c>||</c> and <c>&amp;&amp;</c> absorb
/// them and nothing need be thrown for them.
/// </summary>
internal readonly struct CelValue
{
    private readonly object? _reference;
    private readonly long _bits;

    private CelValue(CelType type, long bits, object? reference)
    {
        Type = type;
        _bits = bits;
        _reference = reference;
    }

    public static CelValue Null { get; } = new(CelType.Null, 0, null);

    public static CelValue True { get; } = new(CelType.Bool, 1, null);

    public static CelValue False { get; } = new(CelType.Bool, 0, null);

    /// <summary>The evaluation has cost too much: nothing absorbs this error.</summary>
    public static CelValue Exhausted { get; } = new(CelType.Error, 1, "the rule costs too much on this call");

    /// <summary>
    /// What is read of a rehearsal that the audit did not want of this call. Any other error counts more, and where
    /// this is all that is said, a rule does not match.
    /// </summary>
    public static CelValue NotRehearsed { get; } = new(CelType.Error, 2, "its audit has no such call rehearsed");

    public CelType Type { get; }

    public bool IsError => Type == CelType.Error;

    public bool IsExhausted => Type == CelType.Error && _bits == 1;

    public bool IsNotRehearsed => Type == CelType.Error && _bits == 2;

    public bool IsTrue => Type == CelType.Bool && _bits == 1;

    public bool IsFalse => Type == CelType.Bool && _bits == 0;

    public long Int => _bits;

    public double Double => BitConverter.Int64BitsToDouble(_bits);

    public string String => (string)_reference!;

    public DateTime Time => new(_bits, DateTimeKind.Utc);

    public TimeSpan Duration => new(_bits);

    public CelValue[] List => (CelValue[])_reference!;

    public Dictionary<string, CelValue> Map => (Dictionary<string, CelValue>)_reference!;

    /// <summary>What went wrong. It never quotes the call: the text ends in logs and in the ledger.</summary>
    public string Message => (string)_reference!;

    public static CelValue Of(bool value) => value ? True : False;

    public static CelValue Of(long value) => new(CelType.Int, value, null);

    public static CelValue Of(double value) => new(CelType.Double, BitConverter.DoubleToInt64Bits(value), null);

    public static CelValue Of(string value) => new(CelType.String, 0, value);

    public static CelValue Of(DateTime value) => new(CelType.Timestamp, value.Ticks, null);

    public static CelValue Of(TimeSpan value) => new(CelType.Duration, value.Ticks, null);

    public static CelValue Of(CelValue[] value) => new(CelType.List, 0, value);

    public static CelValue Of(Dictionary<string, CelValue> value) => new(CelType.Map, 0, value);

    public static CelValue Error(string message) => new(CelType.Error, 0, message);
}
