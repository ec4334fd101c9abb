using System.Runtime.InteropServices;

namespace Ocx.Netfilter;

/// <summary>The one place that turns native error codes into exceptions.</summary>
internal static class Ensure
{
    /// <summary>For calls that return -1 and set <c>errno</c>.</summary>
    public static int NotNegative(int result, string action) => result >= 0 ? result : throw LastError(action);

    public static NetfilterException LastError(string action) => new(action, Marshal.GetLastPInvokeError());
}
