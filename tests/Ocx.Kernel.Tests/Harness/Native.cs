using System.Runtime.InteropServices;

namespace Ocx.Kernel.Tests.Harness;

/// <summary>The system calls that .NET does not offer. Sources: setns(2), packet(7), kill(2).</summary>
internal static unsafe partial class Native
{
    public const int CloneNewNet = 0x40000000;
    public const int AfPacket = 17;
    public const int SockRaw = 3;
    public const int SigInt = 2;
    public const int SigTerm = 15;
    public const int SigKill = 9;

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setns(int fd, int type);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int socket(int domain, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint sendto(int socket, void* buffer, nuint length, int flags, void* address, uint addressLength);

    [LibraryImport("libc")]
    public static partial int close(int fd);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int kill(int pid, int signal);

    /// <summary><c>struct sockaddr_ll</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct LinkAddress
    {
        public ushort Family;
        public ushort Protocol;
        public int Index;
        public ushort Type;
        public byte PacketType;
        public byte Length;
        public ulong Address;
    }

    public static InvalidOperationException Failed(string action) =>
        new($"could not {action}: {Marshal.GetLastPInvokeErrorMessage()}");
}
