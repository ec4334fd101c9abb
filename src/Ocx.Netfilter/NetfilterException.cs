using System.Runtime.InteropServices;

namespace Ocx.Netfilter;

/// <summary>The kernel refused a call.</summary>
public sealed class NetfilterException : Exception
{
    /// <summary>Creates the exception for a failed action.</summary>
    /// <param name="action">What was tried, as in "open a raw socket".</param>
    /// <param name="errno">The positive error number (errno(3)).</param>
    /// <param name="advice">What it most probably means, and what to do; empty when nothing more is known.</param>
    public NetfilterException(string action, int errno, string advice = "")
        : base(
            $"could not {action}: {Marshal.GetPInvokeErrorMessage(errno)} (errno {errno})"
                + (advice.Length == 0 ? "" : $"; {advice}")
        ) => Errno = errno;

    /// <summary>The positive error number (errno(3)).</summary>
    public int Errno { get; }
}
