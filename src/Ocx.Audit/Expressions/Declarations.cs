namespace Ocx.Audit.Expressions;

/// <summary>A field of the environment.</summary>
/// <param name="Name">Its whole name, <c>call.tool</c>, or that of a variable without fields.</param>
/// <param name="Type">Its type.</param>
/// <param name="Meaning">What it holds, in one sentence.</param>
/// <param name="Read">Reads it from what is judged.</param>
/// <param name="IsSet">Whether it is known, which <c>has()</c> asks.</param>
/// <param name="Values">All texts that it can have, where they are few.</param>
internal sealed record CelField(
    string Name,
    CelType Type,
    string Meaning,
    Func<object, CelValue> Read,
    Func<object, bool> IsSet,
    IReadOnlyList<string>? Values = null
);

/// <summary>
/// The variables that an expression may name: <c>call.tool</c> is the field <c>tool</c> of <c>call</c>.
/// </summary>
internal sealed class Declarations
{
    private readonly Dictionary<string, CelField> _fields;
    private readonly ILookup<string, string> _fieldsOf;

    public Declarations(IReadOnlyList<CelField> fields)
    {
        Fields = fields;
        _fields = fields.ToDictionary(field => field.Name);
        _fieldsOf = fields
            .Select(field => field.Name.Split('.', 2))
            .ToLookup(parts => parts[0], parts => parts.Length > 1 ? parts[1] : string.Empty);
        Variables = [.. _fieldsOf.Select(group => group.Key)];
    }

    public IReadOnlyList<CelField> Fields { get; }

    public IReadOnlyList<string> Variables { get; }

    /// <summary>Is it a variable that has fields?</summary>
    public bool HasFields(string variable) => _fieldsOf.Contains(variable) && !_fields.ContainsKey(variable);

    public CelField? Find(string name) => _fields.GetValueOrDefault(name);

    public IEnumerable<string> FieldsOf(string variable) => _fieldsOf[variable];
}
