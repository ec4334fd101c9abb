using System.Runtime.CompilerServices;
using System.Text;
using Ocx.Mcp.Buffers;

namespace Ocx.Mcp.Http;

/// <summary>
/// The <c>Mcp-Param-{name}</c> headers of a request, which repeat arguments of a tool (MCP 2026-07-28, "Custom Headers
/// from Tool Parameters").
/// </summary>
internal sealed class HeaderParameters
{
    private const int MostKept = 32;
    private const int LongestName = 64;

    private readonly List<(string Name, string Value)> _values = [];

    /// <summary>What their names begin with.</summary>
    public static ReadOnlySpan<byte> Prefix => "mcp-param-"u8;

    /// <summary>Some were not kept: what is not here may have been there.</summary>
    public bool IsCut { get; private set; }

    /// <summary>The bytes that they take in memory.</summary>
    public long Size => 64 + _values.Sum(value => 32L + CutText.SizeOf(value.Name) + CutText.SizeOf(value.Value));

    /// <summary>True for the name of such a header.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // of each field
    public static bool IsOne(ReadOnlySpan<byte> name) =>
        name.Length > Prefix.Length
        && name[Prefix.Length - 1] == '-' // of few others
        && Ascii.EqualsIgnoreCase(name[..Prefix.Length], Prefix);

    /// <summary>Takes one.</summary>
    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, Utf8StringCache strings)
    {
        name = name[Prefix.Length..];
        if (_values.Count >= MostKept || name.Length > LongestName)
        {
            IsCut = true;
            return;
        }

        _values.Add((strings.Get(name, LongestName), EncodedValue.Decode(value, strings, Longest.HeaderParameter)));
    }

    /// <summary>The value of a header, whatever the case of its name; null when it is not there.</summary>
    public string? Find(string name)
    {
        foreach ((string known, string value) in _values)
        {
            if (known.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }
        }

        return null;
    }
}
