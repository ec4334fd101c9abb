using Ocx.Mcp.Buffers;
using Ocx.Mcp.Records;

namespace Ocx.Mcp.Pairing;

/// <summary>An argument that a header repeats (<c>x-mcp-header</c>).</summary>
/// <param name="Header">The header's name behind <c>Mcp-Param-</c>.</param>
/// <param name="Path">The names, in UTF-8, of the properties that lead to the argument.</param>
internal sealed record HeaderArgument(string Header, IReadOnlyList<byte[]> Path)
{
    /// <summary>The bytes that it takes in memory.</summary>
    public long Size => 96 + CutText.SizeOf(Header) + Path.Sum(step => 32L + step.Length);
}

/// <summary>What a server's list says of a tool that its calls are looked at by.</summary>
/// <param name="Name">The tool, as calls name it.</param>
/// <param name="Annotations">How it behaves.</param>
/// <param name="Headers">The arguments that headers repeat.</param>
internal sealed record ToolTraits(string Name, ToolAnnotations Annotations, IReadOnlyList<HeaderArgument> Headers)
{
    /// <summary>The bytes that it takes in memory, its place in a table among them.</summary>
    public long Size => 160 + CutText.SizeOf(Name) + Headers.Sum(header => header.Size);
}
