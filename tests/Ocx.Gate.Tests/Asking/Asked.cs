using Google.Protobuf;
using Ocx.Audit.Wire;

namespace Ocx.Gate.Tests.Asking;

/// <summary>Messages about calls, as short as they may be.</summary>
internal static class Asked
{
    public static string Key(int call) => $"00000000000000aa{call:x16}";

    public static Opened Open(int call, int arguments = 0) =>
        new()
        {
            Key = Key(call),
            Method = "tools/call",
            Tool = "delete_rows",
            Arguments = ByteString.CopyFrom(new byte[arguments]),
        };

    public static GateEnded End(int call, GateEnd end = GateEnd.Released) =>
        new()
        {
            Key = Key(call),
            Held = GateHeld.Call,
            End = end,
        };

    public static GateVerdict Release(int call) => new() { Key = Key(call), Release = true };

    /// <summary>Rules of one audit that is right.</summary>
    public static GateAudit Audit(string name = "tools/careful", uint port = 8080) =>
        new()
        {
            Audit = name,
            Port = port,
            Methods = { "tools/call" },
            FailurePolicy = GateFailurePolicy.Closed,
            MaxHoldNs = 10_000_000_000,
        };
}
