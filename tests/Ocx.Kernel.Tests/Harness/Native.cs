using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Ocx.Kernel.Tests.Harness;

/// <summary>
/// The system calls that .NET does not offer. Sources: setns(2), kill(2), include/uapi/linux/if_tun.h.
/// </summary>
internal static partial class Native
{
    public const int CloneNewNet = 0x40000000;
    public const int SigInt = 2;
    public const int SigTerm = 15;
    public const int SigKill = 9;
    public const int SigStop = 19;
    public const int SigCont = 18;
    public const int IffTap = 2;
    public const int IffNoPi = 0x1000;
    public const ulong TunSetIff = 0x400454ca;

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setns(int fd, int type);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int kill(int pid, int signal);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int ioctl(SafeFileHandle file, ulong request, Span<byte> argument);

    public static InvalidOperationException Failed(string action) =>
        new($"could not {action}: {Marshal.GetLastPInvokeErrorMessage()}");
}
