using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Ocx.Sandbox.Bundles;
using Ocx.Sandbox.Failures;
using Ocx.Sandbox.Limits;
using Ocx.Sandbox.Networks;

namespace Ocx.Sandbox.Sandboxes;

/// <summary>
/// This machine, as far as it makes sandboxes: gVisor's <c>runsc</c> in namespaces of their own. It takes root. What
/// auditors that are no more left behind is removed when one is opened.
/// </summary>
public sealed class SandboxMachine : IDisposable
{
    private const string LockFile = "lock";

    private static readonly string[] s_programs = ["unshare", "sh", "mount", "mknod", "ip", "head", "cat"];

    private readonly SandboxOptions _options;
    private readonly string _id;
    private readonly string _folder;
    private readonly FileStream _lock;
    private int _count;

    private SandboxMachine(SandboxOptions options, string id, string folder, FileStream heldLock)
    {
        _options = options;
        _id = id;
        _folder = folder;
        _lock = heldLock;
    }

    /// <summary>Sees that all is there that sandboxes need.</summary>
    /// <param name="options">How they are made.</param>
    /// <exception cref="SandboxException">Something is not; the message names it.</exception>
    public static SandboxMachine Open(SandboxOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!Environment.IsPrivilegedProcess)
        {
            throw Missing("sandboxes take root");
        }

        string[] missing = [.. s_programs.Append(options.Runsc).Where(program => PathOf(program) is null)];
        if (missing.Length > 0)
        {
            throw Missing($"there is no {string.Join(", no ", missing)}");
        }

        if (!File.ReadLines("/proc/filesystems").Any(line => line.EndsWith("\toverlay", StringComparison.Ordinal)))
        {
            throw Missing("the kernel has no overlay file system");
        }

        string runsc = PathOf(options.Runsc)!;
        options = options with { Runsc = runsc, StateFolder = Path.GetFullPath(options.StateFolder) };
        string id = RandomNumberGenerator.GetHexString(8, lowercase: true);
        ControlGroup.Create(id, new SandboxLimits()).Remove();
        try
        {
            RemoveLeftovers(options.StateFolder);
            string folder = Path.Combine(options.StateFolder, id);
            Directory.CreateDirectory(folder, OwnerOnly);
            return new SandboxMachine(options, id, folder, Lock(folder)!);
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            throw new SandboxException(SandboxFailures.Machine, wrong.Message, wrong);
        }
    }

    /// <summary>Starts a sandbox and waits until its server is ready for a call.</summary>
    /// <param name="spec">The server.</param>
    /// <param name="forwards">Ports of its loopback that lead to clones; nothing else leads anywhere.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="SandboxException">It does not become ready; nothing of it is left.</exception>
    public async Task<ShadowServer> StartAsync(
        SandboxSpec spec,
        IReadOnlyList<CloneForward>? forwards = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(spec);
        long start = Stopwatch.GetTimestamp();
        string name = Interlocked.Increment(ref _count).ToString(CultureInfo.InvariantCulture);
        string folder = Path.Combine(_folder, name);
        Directory.CreateDirectory(folder, OwnerOnly);
        SandboxParts parts;
        try
        {
            parts = SandboxParts.Start(folder, $"{_id}-{name}", spec, _options);
        }
        catch (IOException wrong)
        {
            throw new SandboxException(SandboxFailures.Setup, wrong.Message, wrong);
        }

        try
        {
            await parts.PrepareAsync(forwards ?? [], cancellation);
            return new ShadowServer(parts, Stopwatch.GetElapsedTime(start));
        }
        catch
        {
            await parts.DisposeAsync();
            throw;
        }
    }

    /// <summary>Removes its folder. Its sandboxes have ended by then.</summary>
    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        _lock.Dispose();
    }

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    // A folder whose lock nobody holds is one of an auditor that is no more: the kernel drops a lock with its process.
    private static void RemoveLeftovers(string stateFolder)
    {
        Directory.CreateDirectory(stateFolder, OwnerOnly);
        foreach (string folder in Directory.EnumerateDirectories(stateFolder))
        {
            using FileStream? held = Lock(folder);
            if (held is not null)
            {
                ControlGroup.RemoveAll(Path.GetFileName(folder) + "-");
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    private static FileStream? Lock(string folder)
    {
        try
        {
            return new FileStream(
                Path.Combine(folder, LockFile),
                FileMode.OpenOrCreate,
                FileAccess.ReadWrite,
                FileShare.None
            );
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static string? PathOf(string program) =>
        program.Contains('/', StringComparison.Ordinal)
            ? (File.Exists(program) ? Path.GetFullPath(program) : null)
            : (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
                .Split(':')
                .Select(folder => Path.Combine(folder, program))
                .FirstOrDefault(File.Exists);

    private static SandboxException Missing(string what) => new(SandboxFailures.Machine, what);
}
