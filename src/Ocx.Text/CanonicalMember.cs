namespace Ocx.Text;

/// <summary>A member of an object in canonical JSON, by its place in the text.</summary>
/// <param name="Start">Where it begins: at the quote before the name.</param>
/// <param name="Value">Where the value begins.</param>
/// <param name="End">Where it ends: behind the value.</param>
public readonly record struct CanonicalMember(int Start, int Value, int End)
{
    /// <summary>The name, without its quotes.</summary>
    public Range Name => (Start + 1)..(Value - 2);
}
