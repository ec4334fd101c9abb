using System.Runtime.InteropServices;

namespace Ocx.Bpf;

/// <summary>The kernel or libbpf refused a call.</summary>
public class BpfException : Exception
{
    /// <summary>Creates the exception for a failed action.</summary>
    /// <param name="action">What was tried, as in "load the BPF object".</param>
    /// <param name="errno">The positive error number (errno(3)).</param>
    public BpfException(string action, int errno)
        : base($"could not {action}: {Marshal.GetPInvokeErrorMessage(errno)} (errno {errno})") => Errno = errno;

    /// <summary>Creates the exception with a message of its own.</summary>
    protected BpfException(int errno, string message)
        : base(message) => Errno = errno;

    /// <summary>The positive error number (errno(3)).</summary>
    public int Errno { get; }
}
