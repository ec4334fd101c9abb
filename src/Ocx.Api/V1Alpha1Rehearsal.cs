using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Ocx.Api.Attributes;

namespace Ocx.Api;

/// <summary>
/// How calls are rehearsed before they are judged: by a shadow of the server, against clones of its state.
/// </summary>
public sealed partial class V1Alpha1Rehearsal
{
    private const int MostArguments = 64,
        MostVariables = 64,
        MostSources = 8,
        MostTools = 64,
        MostWarm = 16,
        LongestArgument = 4096,
        LongestPath = 200;

    // What nobody waits for longer: a jury's deadline is at most as long.
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(1);

    internal const string VariableForm = "^[A-Za-z_][A-Za-z0-9_]*$";

    private const string MemoryForm = "^[1-9][0-9]{0,3}(Mi|Gi)$",
        PathForm = "^/[-A-Za-z0-9._~/]*$";

    /// <summary>What runs shadows.</summary>
    [JsonPropertyName("driver")]
    [Description("What runs the shadow servers: gVisor's runsc, on the auditor's own machine.")]
    [AllowedValues(RehearsalDriver.Runsc)]
    public string Driver { get; set; } = RehearsalDriver.Runsc;

    /// <summary>The command.</summary>
    [JsonPropertyName("command")]
    [Description("The program of the shadow server and its arguments, as the real one is started.")]
    [Required]
    [Length(Minimum = 1, Maximum = LongestArgument)]
    [MaxItems(MostArguments)]
    [ListType("atomic")]
    public IList<string>? Command { get; set; }

    /// <summary>Its environment.</summary>
    [JsonPropertyName("environment")]
    [Description("The shadow's environment variables. They stand here in the open: they hold no secrets.")]
    [Length(Maximum = LongestArgument)]
    [MaxItems(MostVariables)]
    public IDictionary<string, string>? Environment { get; set; }

    /// <summary>Its port.</summary>
    [JsonPropertyName("port")]
    [Description("The TCP port on which the shadow listens; the server's own when not given.")]
    [RangeMinimum(1)]
    [RangeMaximum(65535)]
    public int? Port { get; set; }

    /// <summary>Where it speaks MCP.</summary>
    [JsonPropertyName("path")]
    [Description("The path of the shadow's URL at which it speaks MCP.")]
    [Length(Minimum = 1, Maximum = LongestPath)]
    [Pattern(PathForm)]
    public string Path { get; set; } = "/mcp";

    /// <summary>How many wait.</summary>
    [JsonPropertyName("warm")]
    [Description("How many shadows wait ready, each with its clones.")]
    [RangeMinimum(1)]
    [RangeMaximum(MostWarm)]
    public int Warm { get; set; } = 2;

    /// <summary>The limit of one rehearsal.</summary>
    [JsonPropertyName("timeout")]
    [Description(
        "How long a rehearsal may take, such as 500ms or 10s; at most 1m, and at most three quarters of the jury's "
            + "deadline, so that jurors can still vote on what it showed."
    )]
    [Pattern(AuditTime.Pattern)]
    public string Timeout { get; set; } = "10s";

    /// <summary>The memory of a shadow.</summary>
    [JsonPropertyName("memory")]
    [Description("How much memory a shadow may use, in mebibytes or gibibytes.")]
    [Pattern(MemoryForm)]
    public string Memory { get; set; } = "512Mi";

    /// <summary>The state.</summary>
    [JsonPropertyName("state")]
    [Description("The databases that the server works on. A shadow gets a clone of each.")]
    [MaxItems(MostSources)]
    [ListType("map", "name")]
    public IList<V1Alpha1RehearsalState>? State { get; set; }

    /// <summary>What a failure means.</summary>
    [JsonPropertyName("onFailure")]
    [Description("The rehearsal's vote when it does not come to its end. It never is a release.")]
    [AllowedValues("Hold", "Refuse", "Abstain")]
    public string OnFailure { get; set; } = "Hold";

    /// <summary>The classes.</summary>
    [JsonPropertyName("classes")]
    [Description("The classes of calls that are rehearsed.")]
    [AllowedValues("Irreversible", "Reversible")]
    [MaxItems(2)]
    [ListType("set")]
    public IList<string> Classes { get; set; } = ["Irreversible"];

    /// <summary>The tools.</summary>
    [JsonPropertyName("tools")]
    [Description(
        "Names of tools whose calls are rehearsed, with * for any characters and ? for one; all of these classes."
    )]
    [Length(Minimum = 1, Maximum = AuditBounds.Glob)]
    [MaxItems(MostTools)]
    [ListType("set")]
    public IList<string>? Tools { get; set; }

    /// <summary>What is not as the schema has it: a file was held to none.</summary>
    internal IEnumerable<string> Problems()
    {
        if (Driver != RehearsalDriver.Runsc)
        {
            yield return $"spec.rehearsal.driver: it is {RehearsalDriver.Runsc}";
        }

        if (
            Command is not { Count: > 0 and <= MostArguments }
            || Command.Any(one => one is not { Length: <= LongestArgument } || HasNul(one))
            || Command[0].Length == 0
        )
        {
            yield return $"spec.rehearsal.command: it is a program and at most {MostArguments - 1} arguments, of at "
                + $"most {LongestArgument} characters each";
        }

        if (Port is < 1 or > 65535)
        {
            yield return "spec.rehearsal.port: it is 1 to 65535";
        }

        if (Path is not { Length: <= LongestPath } || !PathOf().IsMatch(Path))
        {
            yield return $"spec.rehearsal.path: it is / and at most {LongestPath - 1} letters, digits and -._~/";
        }

        if (Warm is < 1 or > MostWarm)
        {
            yield return $"spec.rehearsal.warm: it is 1 to {MostWarm}";
        }

        if (!AuditTime.TryParse(Timeout, out TimeSpan timeout) || timeout > s_longest)
        {
            yield return $"spec.rehearsal.timeout: '{Timeout}' is no time such as 500ms or 10s, at most 1m";
        }

        if (Memory is null || !MemoryOf().IsMatch(Memory))
        {
            yield return "spec.rehearsal.memory: want mebibytes or gibibytes, such as 512Mi or 1Gi";
        }

        if (Classes is not { Count: > 0 })
        {
            yield return "spec.rehearsal.classes: there is none";
        }

        foreach (string problem in VariableProblems().Concat(StateProblems()))
        {
            yield return problem;
        }
    }

    private IEnumerable<string> VariableProblems()
    {
        if (Environment?.Count > MostVariables)
        {
            yield return $"spec.rehearsal.environment: there are at most {MostVariables}";
        }

        foreach ((string name, string value) in Environment ?? new Dictionary<string, string>())
        {
            if (!VariableOf().IsMatch(name) || value is not { Length: <= LongestArgument } || HasNul(value))
            {
                yield return "spec.rehearsal.environment: a name is of letters, digits and _, and a value has at most "
                    + $"{LongestArgument} characters";
            }
        }
    }

    private IEnumerable<string> StateProblems()
    {
        if (State?.Count > MostSources)
        {
            yield return $"spec.rehearsal.state: there are at most {MostSources}";
        }

        HashSet<string> names = new(StringComparer.Ordinal),
            variables = new(Environment?.Keys ?? [], StringComparer.Ordinal);
        foreach (V1Alpha1RehearsalState one in State ?? [])
        {
            foreach (string problem in one.Problems())
            {
                yield return $"spec.rehearsal.state: {one.Name}: {problem}";
            }

            if (!names.Add(one.Name))
            {
                yield return $"spec.rehearsal.state: {one.Name}: another has this name";
            }

            if (one.Variable is { } variable && !variables.Add(variable))
            {
                yield return $"spec.rehearsal.state: {one.Name}: the variable {variable} is set already";
            }
        }
    }

    private static bool HasNul(string text) => text.Contains('\0', StringComparison.Ordinal);

    [GeneratedRegex(@"\A/[-A-Za-z0-9._~/]*\z")]
    private static partial Regex PathOf();

    [GeneratedRegex(@"\A[1-9][0-9]{0,3}(Mi|Gi)\z")]
    private static partial Regex MemoryOf();

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]*\z")]
    internal static partial Regex VariableOf();
}
