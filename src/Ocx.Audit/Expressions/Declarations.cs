namespace Ocx.Audit.Expressions;

/// <summary>A field of the environment.</summary>
/// <param name="Name">
/// Its whole name, <c>call.tool</c>, or that of a variable without fields. A field of a map that is declared itself has
/// three parts, <c>effects.state.rowsDeleted</c>.
/// </param>
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
)
{
    /// <summary>An error as long as nobody can say whether it is known; null: that can always be said.</summary>
    public Func<object, CelValue?>? Unsaid { get; init; }

    /// <summary>What the maps have that are the elements of this list; null when it is not declared.</summary>
    public IReadOnlyList<string>? Elements { get; init; }
}

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
            .Where(field => field.Name.Contains('.', StringComparison.Ordinal))
            .ToLookup(field => field.Name[..field.Name.LastIndexOf('.')], field => field.Name.Split('.')[^1]);
        Variables = [.. fields.Select(field => field.Name.Split('.')[0]).Distinct()];
    }

    public IReadOnlyList<CelField> Fields { get; }

    public IReadOnlyList<string> Variables { get; }

    /// <summary>Variables that are known elsewhere alone, and why not here.</summary>
    public IReadOnlyDictionary<string, string> Elsewhere { get; init; } = new Dictionary<string, string>();

    /// <summary>Is it a variable that has fields?</summary>
    public bool HasFields(string variable) => _fieldsOf.Contains(variable) && !_fields.ContainsKey(variable);

    /// <summary>Is it a field whose own fields are declared?</summary>
    public bool IsDeclared(CelField map) => _fieldsOf.Contains(map.Name);

    public CelField? Find(string name) => _fields.GetValueOrDefault(name);

    public IEnumerable<string> FieldsOf(string variable) => _fieldsOf[variable];
}
