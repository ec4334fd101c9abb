using System.Diagnostics;
using System.Text;

namespace Ocx.State.Processes;

/// <summary>
/// A process of a clone: as an unprivileged user that gains no rights, with an environment that tells nothing of ours,
/// and ended by the kernel when this process ends, however it ends.
/// </summary>
internal sealed class OwnedProcess : IAsyncDisposable
{
    private const int KeptOutput = 4096;

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly Task _reading;
    private readonly string _folder;

    private OwnedProcess(Process process, string folder, Action<string>? line)
    {
        _process = process;
        _folder = folder;
        process.StandardInput.Close();
        _reading = Task.WhenAll(ReadAsync(process.StandardError, line), ReadAsync(process.StandardOutput, null));
    }

    /// <summary>Its number.</summary>
    public int Id => _process.Id;

    /// <summary>True when it has ended.</summary>
    public bool HasEnded => _process.HasExited;

    /// <summary>The end of what it has written, on one line.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString().ReplaceLineEndings("; ").Trim(' ', ';');
            }
        }
    }

    /// <summary>Starts a program.</summary>
    /// <param name="program">Its path.</param>
    /// <param name="arguments">Its arguments: no secrets, all users of the machine see them.</param>
    /// <param name="folder">Where it runs: by that it is found when it is left behind.</param>
    /// <param name="user">Whom it runs as.</param>
    /// <param name="signal">What the kernel sends it when this process ends: <c>QUIT</c>, <c>KILL</c>.</param>
    /// <param name="line">Is told each line that it writes to standard error.</param>
    public static async Task<OwnedProcess> StartAsync(
        string program,
        IEnumerable<string> arguments,
        string folder,
        RunAs user,
        string signal,
        Action<string>? line = null
    )
    {
        // A session of its own: Ctrl-C at a terminal is for this process, which ends its clones itself.
        var start = new ProcessStartInfo(
            "setsid",
            ["setpriv", "--no-new-privs", $"--pdeathsig={signal}", .. user.Arguments, "--", program, .. arguments]
        )
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        start.Environment["LC_ALL"] = "C";
        start.Environment["HOME"] = folder;
        return new OwnedProcess(await LaunchThread.StartAsync(start).ConfigureAwait(false), folder, line);
    }

    /// <summary>Sends it a signal, when it has not ended.</summary>
    public void Signal(int signal)
    {
        if (!_process.HasExited)
        {
            _ = LibC.kill(_process.Id, signal);
        }
    }

    /// <summary>Waits until it ends, and all that it wrote is read.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> WaitAsync(CancellationToken cancellation)
    {
        await _process.WaitForExitAsync(cancellation).ConfigureAwait(false);
        return _process.ExitCode;
    }

    /// <summary>The end of what it wrote, with its lines, after it has ended.</summary>
    public async Task<string> AllOutputAsync()
    {
        await _reading.ConfigureAwait(false);
        lock (_output)
        {
            return _output.ToString();
        }
    }

    /// <summary>Waits until it ends, for a while.</summary>
    /// <returns>True when it has ended.</returns>
    public async Task<bool> EndsWithinAsync(TimeSpan time)
    {
        try
        {
            await _process.WaitForExitAsync().WaitAsync(time).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>Ends it, and all that runs in its folder.</summary>
    public async ValueTask DisposeAsync()
    {
        Signal(LibC.SIGKILL);
        await _process.WaitForExitAsync().ConfigureAwait(false);
        await FolderProcesses.EndAsync(_folder).ConfigureAwait(false);
        await _reading.ConfigureAwait(false);
        _process.Dispose();
    }

    private async Task ReadAsync(StreamReader reader, Action<string>? line)
    {
        var current = new StringBuilder();
        char[] buffer = new char[1024];
        int read;
        while ((read = await ReadSomeAsync(reader, buffer).ConfigureAwait(false)) > 0)
        {
            lock (_output)
            {
                _output.Append(buffer, 0, read);
                _output.Remove(0, Math.Max(0, _output.Length - KeptOutput));
            }

            foreach (char each in line is null ? [] : buffer.AsSpan(0, read).ToArray())
            {
                if (each is '\n' or '\r')
                {
                    line!(current.ToString());
                    current.Clear();
                }
                else if (current.Length < KeptOutput)
                {
                    current.Append(each);
                }
            }
        }
    }

    private static async Task<int> ReadSomeAsync(StreamReader reader, char[] buffer)
    {
        try
        {
            return await reader.ReadAsync(buffer.AsMemory()).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            return 0;
        }
    }
}
