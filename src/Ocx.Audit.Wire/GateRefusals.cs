namespace Ocx.Audit.Wire;

/// <summary>What a client reads of a call that was refused, or whose result was withheld.</summary>
public static class GateRefusals
{
    /// <summary>
    /// The JSON-RPC error's code, of the range that JSON-RPC 2.0 leaves to implementations (-32000 to -32099).
    /// </summary>
    public const int Code = -32090;
}
