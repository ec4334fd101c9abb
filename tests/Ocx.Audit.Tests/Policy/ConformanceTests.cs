using System.Globalization;
using System.Text.Json;
using Ocx.Audit.Expressions;

namespace Ocx.Audit.Tests.Policy;

/// <summary>
/// The published tests of CEL (github.com/google/cel-spec, tests/simple/testdata, Apache-2.0), one a line: those
/// without variables, messages and results that are bytes, unsigned or types.
/// </summary>
public class ConformanceTests
{
    [Fact]
    public void Expressions_give_what_the_specification_says()
    {
        var wrong = new List<string>();
        var (right, refused) = (0, 0);
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Policy", "cel-conformance.jsonl")))
        {
            using var test = JsonDocument.Parse(line);
            var name = test.RootElement.GetProperty("name").GetString()!;
            var (result, isRefused) = Result(test.RootElement.GetProperty("expr").GetString()!);
            var isRight = test.RootElement.TryGetProperty("value", out var value)
                ? !result.IsError && IsValue(result, value)
                : result.IsError;
            if (isRight)
            {
                right++;
            }
            else if (isRefused)
            {
                refused++;
            }
            else
            {
                wrong.Add(name);
            }
        }

        // Times are kept to 100 ns.
        Assert.Equal(
            [
                "timestamps/timestamp_conversions/toString_timestamp_nanos",
                "timestamps/timestamp_range/add_duration_nanos_over",
                "timestamps/timestamp_range/add_duration_nanos_under",
            ],
            wrong
        );

        // Refused when compiled: unsigned integers, bytes, types, other keys than strings, and what can only fail.
        Assert.Equal((702, 253), (right, refused));
    }

    private static (CelValue Result, bool IsRefused) Result(string expression)
    {
        try
        {
            var node = ExpressionCompiler.CompileAny(expression, CelHarness.Nothing);
            return (node.Evaluate(new Evaluation(new object())), false);
        }
        catch (ExpressionException e)
        {
            return (CelValue.Error(e.Message), true);
        }
    }

    private static bool IsValue(in CelValue value, JsonElement expected)
    {
        var member = expected.EnumerateObject().Single();
        switch (member.Name, value.Type)
        {
            case ("bool", CelType.Bool):
                return value.IsTrue == member.Value.GetBoolean();
            case ("int", CelType.Int):
                return value.Int == long.Parse(member.Value.GetString()!, CultureInfo.InvariantCulture);
            case ("double", CelType.Double):
                return value.Double.Equals(NumberOf(member.Value.GetString()!));
            case ("string", CelType.String):
                return value.String == member.Value.GetString();
            case ("null", CelType.Null):
                return true;
            case ("list", CelType.List):
                return value.List.Length == member.Value.GetArrayLength()
                    && value.List.Zip(member.Value.EnumerateArray()).All(pair => IsValue(pair.First, pair.Second));
            case ("map", CelType.Map):
                var map = value.Map;
                return map.Count == member.Value.GetArrayLength()
                    && member.Value.EnumerateArray().All(entry => IsValue(map[entry[0].GetString()!], entry[1]));
            default:
                return false;
        }
    }

    private static double NumberOf(string text) =>
        text switch
        {
            "inf" => double.PositiveInfinity,
            "-inf" => double.NegativeInfinity,
            "nan" => double.NaN,
            _ => double.Parse(text, CultureInfo.InvariantCulture),
        };
}
