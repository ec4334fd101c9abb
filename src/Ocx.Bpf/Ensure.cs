using System.Runtime.InteropServices;

namespace Ocx.Bpf;

/// <summary>The one place that turns native error codes into exceptions.</summary>
internal static class Ensure
{
    /// <summary>For C library calls, which return -1 and set <c>errno</c>.</summary>
    public static int NotNegative(int result, string action) => result >= 0 ? result : throw LastError(action);

    /// <summary>For libbpf calls, which return a negated <c>errno</c>.</summary>
    public static int Success(int result, string action) =>
        result >= 0 ? result : throw new BpfException(action, -result);

    public static BpfException LastError(string action) => new(action, Marshal.GetLastPInvokeError());
}
