using System.Text.Json.Serialization;

namespace Ocx.ScaleBench;

/// <summary>One measured value, and the most that it may be.</summary>
internal sealed record Finding(int Nodes, string Name, string Unit, double Value, double? Limit = null)
{
    public bool IsMet => Limit is null || Value <= Limit;
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(List<Finding>))]
internal sealed partial class FindingJson : JsonSerializerContext;
