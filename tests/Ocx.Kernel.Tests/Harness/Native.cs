using System.Runtime.InteropServices;

namespace Ocx.Kernel.Tests.Harness;

/// <summary>The system calls that .NET does not offer. Sources: setns(2), kill(2).</summary>
internal static partial class Native
{
    public const int CloneNewNet = 0x40000000;
    public const int SigInt = 2;
    public const int SigTerm = 15;
    public const int SigKill = 9;

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setns(int fd, int type);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int kill(int pid, int signal);

    public static InvalidOperationException Failed(string action) =>
        new($"could not {action}: {Marshal.GetLastPInvokeErrorMessage()}");
}
