namespace Ocx.Mcp.Redaction;

/// <summary>A place in a JSON text: names from the root, <c>*</c> for any name or any element.</summary>
internal readonly record struct JsonPath(string[] Steps)
{
    public static bool TryParse(string text, out JsonPath path)
    {
        path = default;
        if (!text.StartsWith("$.", StringComparison.Ordinal))
        {
            return false;
        }

        string[] steps = text[2..].Replace("[*]", ".*", StringComparison.Ordinal).Split('.');
        path = new(steps);
        return steps.All(step => step.Length > 0 && !step.AsSpan().ContainsAny("[]$ "));
    }

    public bool Matches(List<string> place)
    {
        if (place.Count != Steps.Length)
        {
            return false;
        }

        for (int i = 0; i < Steps.Length; i++)
        {
            if (Steps[i] != "*" && Steps[i] != place[i])
            {
                return false;
            }
        }

        return true;
    }
}
