using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Ocx.Api;
using Ocx.Api.Attributes;

namespace Ocx.Operator.Resources;

/// <summary>
/// Whether a spec keeps the rules that the definition in <c>deploy/crds</c> has. The API server holds objects to
/// whichever definition the cluster has, which may be an earlier one: so the operator looks for itself.
/// </summary>
internal static class SpecRules
{
    private static readonly ConcurrentDictionary<Type, Rules[]> s_rules = new();

    /// <summary>The first rule that is not kept.</summary>
    /// <param name="spec">The spec.</param>
    /// <returns>The field and what is wrong with it; null when nothing is.</returns>
    public static string? Problem(V1Alpha1McpTapSpec spec) =>
        Problem(spec, "spec") ?? spec.Redact?.Problem() ?? spec.Otlp?.Problem();

    /// <summary>The first rule that is not kept.</summary>
    /// <param name="spec">The spec.</param>
    /// <returns>The field and what is wrong with it; null when nothing is.</returns>
    public static string? Problem(V1Alpha1McpAuditSpec spec) =>
        Problem(spec, "spec") ?? (spec.Problems() is [var problem, ..] ? problem : null);

    private static string? Problem(object entity, string path)
    {
        foreach (var rules in s_rules.GetOrAdd(entity.GetType(), RulesOf))
        {
            var field = $"{path}.{rules.Name}";
            var value = rules.Property.GetValue(entity);
            var problem = value switch
            {
                null => rules.IsNeeded ? $"{field}: there is none" : null,
                string text => Problem(text, rules, field),
                int number => Problem(number, rules, field),
                IEnumerable<string> texts => Problem([.. texts], rules, field),
                IEnumerable<int> numbers => Problem([.. numbers.Cast<object>()], rules, field),
                IDictionary<string, string> texts => Problem([.. texts.Values], rules, field),
                IEnumerable<object> items when rules.HoldsOurs => Problem([.. items], rules, field),
                _ => rules.IsOurs ? Problem(value, field) : null,
            };
            if (problem is not null)
            {
                return problem;
            }
        }

        return null;
    }

    private static string? Problem(object?[] items, Rules rules, string field) =>
        items.Length > rules.MostItems
            ? $"{field}: there are more than {rules.MostItems}"
            : items
                .Select(item =>
                    item switch
                    {
                        string text => Problem(text, rules, field),
                        int number => Problem(number, rules, field),
                        { } ours => Problem(ours, field),
                        null => $"{field}: one is null",
                    }
                )
                .FirstOrDefault(problem => problem is not null);

    private static string? Problem(string text, Rules rules, string field)
    {
        // As the API server counts.
        var length = text.EnumerateRunes().Count();
        return length < rules.Shortest || length > rules.Longest
                ? $"{field}: it is not {rules.Shortest} to {rules.Longest} characters long"
            : rules.Allowed is { } allowed && !allowed.Contains(text)
                ? $"{field}: '{text}' is none of {string.Join(", ", allowed)}"
            : rules.Pattern?.IsMatch(text) == false
                ? $"{field}: '{text}' does not match {rules.Expression}{Hint(rules.Expression)}"
            : null;
    }

    private static string Hint(string? expression) =>
        expression == ApiDuration.Pattern ? " (such as 10s, 5m or 1h, and at most 24h)" : string.Empty;

    private static string? Problem(int number, Rules rules, string field) =>
        number < rules.Least || number > rules.Most
            ? $"{field}: {number} is not between {rules.Least} and {rules.Most}"
            : null;

    private static Rules[] RulesOf(Type type)
    {
        var initial = Activator.CreateInstance(type);
        return
        [
            .. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(property => property.IsDefined(typeof(JsonPropertyNameAttribute)))
                .Select(property => new Rules(property, property.GetValue(initial) is not null)),
        ];
    }

    private sealed class Rules(PropertyInfo property, bool hasDefault)
    {
        public PropertyInfo Property { get; } = property;
        public string Name { get; } = property.GetCustomAttribute<JsonPropertyNameAttribute>()!.Name;
        public bool IsNeeded { get; } = hasDefault || property.IsDefined(typeof(RequiredAttribute));
        public bool IsOurs { get; } = property.PropertyType.Assembly == typeof(OcxApi).Assembly;
        public bool HoldsOurs { get; } =
            property.PropertyType.IsGenericType
            && property.PropertyType.GetGenericArguments()[0].Assembly == typeof(OcxApi).Assembly;
        public int Shortest { get; } = property.GetCustomAttribute<LengthAttribute>()?.Minimum ?? 0;
        public int Longest { get; } = property.GetCustomAttribute<LengthAttribute>()?.Maximum ?? int.MaxValue;
        public long Least { get; } = property.GetCustomAttribute<RangeMinimumAttribute>()?.Minimum ?? long.MinValue;
        public long Most { get; } = property.GetCustomAttribute<RangeMaximumAttribute>()?.Maximum ?? long.MaxValue;
        public int MostItems { get; } = property.GetCustomAttribute<MaxItemsAttribute>()?.Maximum ?? int.MaxValue;
        public IReadOnlyList<string>? Allowed { get; } = property.GetCustomAttribute<AllowedValuesAttribute>()?.Values;
        public string? Expression { get; } = property.GetCustomAttribute<PatternAttribute>()?.Expression;
        public Regex? Pattern { get; } =
            property.GetCustomAttribute<PatternAttribute>() is { } pattern ? WholeText(pattern.Expression) : null;

        // Where the API server's '$' is the end, .NET's would let a line feed follow.
        private static Regex WholeText(string expression) =>
            new(
                expression.EndsWith('$') ? $"{expression[..^1]}\\z" : expression,
                RegexOptions.NonBacktracking | RegexOptions.CultureInvariant
            );
    }
}
