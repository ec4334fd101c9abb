using System.Runtime.ExceptionServices;
using Ocx.Netfilter.Interop;

namespace Ocx.Netfilter;

/// <summary>
/// A network namespace in which code can run (setns(2), network_namespaces(7)). It stays alive as long as this is open.
/// Entering another one than the process's own takes CAP_SYS_ADMIN.
/// </summary>
public sealed class NetworkNamespace : IDisposable
{
    private const string NamedFolder = "/run/netns";
    private const string OfThisProcess = "/proc/self/ns/net";

    // None is the process's own.
    private readonly DescriptorHandle? _file;

    private NetworkNamespace(DescriptorHandle? file, string name)
    {
        _file = file;
        Name = name;
        Inode = file is null ? InodeOf(LibC.AT_FDCWD, OfThisProcess, 0) : InodeOf(file.Number, "", LibC.AT_EMPTY_PATH);
    }

    /// <summary>What it was opened by, for messages.</summary>
    public string Name { get; }

    /// <summary>
    /// The kernel's number for it, as /proc/PID/ns/net shows it: the same for all ways to the same namespace, and no
    /// other's while this is open.
    /// </summary>
    public ulong Inode { get; }

    /// <summary>Opens a namespace.</summary>
    /// <param name="nameOrPath">
    /// A path such as /proc/1234/ns/net when it has a slash; else a name that ip-netns(8) gave; null is the process's
    /// own, for which no capability is needed.
    /// </param>
    /// <exception cref="NetfilterException">There is none of that name, or it may not be opened.</exception>
    public static NetworkNamespace Open(string? nameOrPath)
    {
        if (nameOrPath is null)
        {
            return new NetworkNamespace(null, "its own");
        }
        string path = nameOrPath.Contains('/', StringComparison.Ordinal) ? nameOrPath : $"{NamedFolder}/{nameOrPath}";
        // Whatever the path is, opening it does not wait, and does no more than that.
        int descriptor = LibC.open(path, LibC.O_CLOEXEC | LibC.O_NONBLOCK);
        if (descriptor < 0)
        {
            string action = $"open the network namespace {path}";
            NetfilterException failure = Ensure.LastError(action);
            throw failure.Errno == LibC.EACCES
                ? new NetfilterException(action, LibC.EACCES, "it takes the capability SYS_PTRACE")
                : failure;
        }
        return new NetworkNamespace(new DescriptorHandle(descriptor), nameOrPath);
    }

    /// <summary>
    /// Runs code in the namespace and waits for its end. It runs on a thread of its own, which ends with it: no thread
    /// of the pool is ever left in another namespace. Sockets that are opened there belong to the namespace for good,
    /// whichever thread uses them; programs that are started there run there.
    /// </summary>
    /// <exception cref="NetfilterException">It cannot be entered.</exception>
    public T Run<T>(Func<T> code)
    {
        ArgumentNullException.ThrowIfNull(code);
        T result = default!;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Enter();
                result = code();
            }
#pragma warning disable CA1031 // It is thrown again on the caller's thread.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        })
        {
            IsBackground = true,
            Name = "namespace",
        };
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result;
    }

    /// <inheritdoc cref="Run{T}(Func{T})"/>
    public void Run(Action code)
    {
        ArgumentNullException.ThrowIfNull(code);
        Run(() =>
        {
            code();
            return true;
        });
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    private static unsafe ulong InodeOf(int folder, string path, int flags)
    {
        LibC.statx_buffer buffer;
        Ensure.NotNegative(LibC.statx(folder, path, flags, LibC.STATX_INO, &buffer), "tell network namespaces apart");
        return buffer.stx_ino;
    }

    private void Enter()
    {
        if (_file is null || LibC.setns(_file, LibC.CLONE_NEWNET) == 0)
        {
            return;
        }
        const string action = "enter the network namespace";
        NetfilterException failure = Ensure.LastError($"{action} {Name}");
        string advice = failure.Errno switch
        {
            LibC.EPERM => "it takes the capability SYS_ADMIN",
            LibC.EINVAL => "it is something else",
            _ => "",
        };
        throw new NetfilterException($"{action} {Name}", failure.Errno, advice);
    }
}
