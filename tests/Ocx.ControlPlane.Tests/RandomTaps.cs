using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Ocx.ControlPlane.Tests;

/// <summary>
/// Makes specs at random from the schema that the API server has, so that a field that is added is among them by
/// itself. What the schema leaves open is filled with what trips programs up.
/// </summary>
internal sealed class RandomTaps(JsonNode schema, int seed)
{
    private static readonly string[] s_texts =
    [
        "",
        "a",
        "any",
        "eth0",
        "lo",
        "10s",
        "24h",
        "1440m",
        "9999s",
        "1200h",
        "0",
        "1",
        "50%",
        "0%",
        "999%",
        "16Mi",
        "512Mi",
        "1024Mi",
        "0.5",
        ".5",
        "5.",
        "1e3",
        "1E",
        "999999999999999999Ei",
        "12e-99",
        "lots",
        "64MB",
        "64mi",
        "-1",
        "NaN",
        "1e999999999",
        "In",
        "Exists",
        "DoesNotExist",
        "Equal",
        "NoSchedule",
        "NoExecute",
        "RollingUpdate",
        "OnDelete",
        "Sometimes",
        "pool",
        "kubernetes.io/hostname",
        "not a label!",
        "system-node-critical",
        "registry.example.com/agent:1",
        "registry.example.com/UPPER:tag:tag",
        "$.user.email",
        "$.items[*].key",
        "(a+)+$",
        "(?=look)",
        "[unclosed",
        "http://collector:4317",
        "http://[::1]:99999/x",
        "https://a.b",
        "$(OCX_TAP)",
        "a\nb",
        "\0",
        "\u202e\u200b",
        "\ud83d\ude00",
        "\u00e9\u0301\u4e16",
        new('x', 300),
        new('9', 18),
    ];

    private static readonly string[] s_keys =
    [
        "cpu",
        "memory",
        "ephemeral-storage",
        "hugepages-2Mi",
        "nvidia.com/gpu",
        "pods",
        "pool",
        "kubernetes.io/arch",
        "not a key!",
        "",
        new('k', 70),
    ];

    private static readonly long[] s_numbers =
    [
        0,
        1,
        2,
        64,
        80,
        8080,
        65535,
        65536,
        -1,
        int.MaxValue,
        int.MinValue,
        1L << 40,
        long.MaxValue,
    ];

    private readonly Random _random = new(seed);

    /// <summary>A spec. Most of its fields are left out, else hardly any would be accepted as a whole.</summary>
    public JsonObject Next() => Fields(schema["properties"]!.AsObject(), chance: _random.Next(2, 16) / 100.0);

    private JsonObject Fields(JsonObject properties, double chance)
    {
        var fields = new JsonObject();
        foreach (var (name, property) in properties)
        {
            if (_random.NextDouble() < chance)
            {
                fields[name] = Value(property!);
            }
        }

        return fields;
    }

    private JsonNode? Value(JsonNode of)
    {
        if (_random.Next(60) == 0)
        {
            return Wrong();
        }

        if (of["x-kubernetes-int-or-string"] is not null)
        {
            return _random.Next(2) == 0 ? Number(of) : Text(of);
        }

        return (string?)of["type"] switch
        {
            "string" => Text(of),
            "integer" => Number(of),
            "boolean" => _random.Next(2) == 0,
            "array" => new JsonArray([.. Enumerable.Range(0, _random.Next(4)).Select(_ => Value(of["items"]!))]),
            _ when of["properties"] is JsonObject properties => Fields(properties, chance: 0.7),
            _ when of["additionalProperties"] is { } values => Map(values),
            _ => new JsonObject(),
        };
    }

    private JsonNode? Wrong() =>
        _random.Next(5) switch
        {
            0 => null,
            1 => new JsonObject(),
            2 => new JsonArray(),
            3 => 1.5,
            _ => "lots",
        };

    private JsonObject Map(JsonNode values)
    {
        var map = new JsonObject();
        for (var count = _random.Next(4); count > 0; count--)
        {
            map[Of(s_keys)] = Value(values);
        }

        return map;
    }

    private JsonValue Number(JsonNode of)
    {
        var least = (long?)of["minimum"] ?? long.MinValue;
        var most = (long?)of["maximum"] ?? long.MaxValue;
        long[] fitting = [.. s_numbers.Where(number => number >= least && number <= most)];
        return JsonValue.Create(_random.Next(20) == 0 ? Of(s_numbers) : Of(fitting));
    }

    private JsonValue Text(JsonNode of)
    {
        if (of["enum"] is JsonArray values)
        {
            return JsonValue.Create((string)values[_random.Next(values.Count)]!);
        }

        if (_random.Next(20) == 0 || of["pattern"] is not { } pattern)
        {
            return JsonValue.Create(Of(s_texts));
        }

        var form = new Regex((string)pattern!, RegexOptions.CultureInvariant);
        string[] fitting = [.. s_texts.Where(text => form.IsMatch(text))];
        return JsonValue.Create(
            fitting.Length == 0 ? _random.Next().ToString(CultureInfo.InvariantCulture) : Of(fitting)
        );
    }

    private T Of<T>(T[] values) => values[_random.Next(values.Length)];
}
