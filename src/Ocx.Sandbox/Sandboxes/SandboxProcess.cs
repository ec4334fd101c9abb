using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Ocx.Audit.Rehearsals;
using Ocx.Sandbox.Bundles;
using Ocx.Sandbox.Failures;
using Ocx.Sandbox.Interop;
using Ocx.Text;

namespace Ocx.Sandbox.Sandboxes;

/// <summary>
/// The program <c>unshare</c> with a sandbox's namespaces and, as the first process in them, <c>start.sh</c>. When that
/// one ends, the kernel ends everything in the namespaces before <c>unshare</c> sees its end. It ends too when this
/// process does, however that ends: its input is a pipe from here.
/// </summary>
internal sealed class SandboxProcess : IAsyncDisposable
{
    private const int LongestOutput = 32 * 1024;
    private const int LongestShown = 600;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly Process _process;
    private readonly Task _reading;
    private readonly StringBuilder _said = new();

    private SandboxProcess(Process process)
    {
        _process = process;
        _reading = ReadAsync();
        Ended = EndedAsync();
    }

    /// <summary>The process's number; its network and mounts are the sandbox's.</summary>
    public int Id => _process.Id;

    /// <summary>Is done when all processes of the sandbox have ended.</summary>
    public Task Ended { get; }

    /// <summary>What the server reads, over stdio.</summary>
    public Stream Input => _process.StandardInput.BaseStream;

    /// <summary>What the server writes, over stdio.</summary>
    public Stream Output => _process.StandardOutput.BaseStream;

    /// <summary>Starts one.</summary>
    /// <param name="folder">The bundle.</param>
    /// <param name="spec">What it is of.</param>
    /// <param name="options">With what.</param>
    /// <exception cref="SandboxException">The program cannot be started.</exception>
    public static SandboxProcess Start(string folder, SandboxSpec spec, SandboxOptions options)
    {
        var start = new ProcessStartInfo("unshare")
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                "--mount",
                "--net",
                "--pid",
                "--ipc",
                "--uts",
                "--fork",
                "--kill-child",
                "sh",
                Path.Combine(folder, "start.sh"),
                spec.Limits.Files.ToString(CultureInfo.InvariantCulture),
                spec.Root,
                options.Platform,
                options.Runsc,
                spec.Endpoint is null ? "stdio" : "http",
            },
        };
        // The auditor's variables are none of a sandbox's, not even of its processes outside.
        string? path = Environment.GetEnvironmentVariable("PATH");
        start.Environment.Clear();
        start.Environment["PATH"] = path;
        try
        {
            return new SandboxProcess(Process.Start(start)!);
        }
        catch (Win32Exception wrong)
        {
            throw new SandboxException(SandboxFailures.Machine, $"unshare cannot be started: {wrong.Message}", wrong);
        }
    }

    /// <summary>Waits until the root and the network are there.</summary>
    /// <exception cref="SandboxException">They cannot be made.</exception>
    public async Task ReadyAsync(CancellationToken cancellation)
    {
        // Byte by byte: what comes behind the line may be a server's.
        byte[] one = new byte[1];
        var line = new StringBuilder();
        while (await Output.ReadAsync(one, cancellation) == 1 && one[0] != '\n' && line.Length < 16)
        {
            line.Append((char)one[0]);
        }

        if (line.ToString() != "ready")
        {
            await _reading.WaitAsync(cancellation);
            throw new SandboxException(SandboxFailures.Setup, $"no sandbox can be made: {Said()}");
        }
    }

    /// <summary>Has runsc started.</summary>
    public async Task GoAsync(CancellationToken cancellation)
    {
        await Input.WriteAsync("go\n"u8.ToArray(), cancellation);
        await Input.FlushAsync(cancellation);
    }

    /// <summary>The end of what was written to the error stream by whoever did, in one line.</summary>
    public string Said()
    {
        string all;
        lock (_said)
        {
            all = _said.ToString().Trim();
        }

        return WireText.Escape(all.Length > LongestShown ? all[^LongestShown..] : all, EffectsLimits.Name * 4);
    }

    /// <summary>Ends all processes of the sandbox and waits until they are gone.</summary>
    public async Task KillAsync()
    {
        // With the first process of a PID namespace all others end: pid_namespaces(7).
        if (!Ended.IsCompleted)
        {
            if (FirstProcess() is { } first)
            {
                _ = LibC.kill(first, LibC.SIGKILL);
            }
            else
            {
                _ = LibC.kill(Id, LibC.SIGKILL);
            }
        }

        await Ended.WaitAsync(s_patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!Ended.IsCompleted)
        {
            _ = LibC.kill(Id, LibC.SIGKILL);
            await Ended.WaitAsync(s_patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        await _reading.WaitAsync(s_patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _process.Dispose();
    }

    // With what was said: the kernel has closed the pipes of all processes of the sandbox by then.
    private async Task EndedAsync()
    {
        await _process.WaitForExitAsync();
        await _reading.WaitAsync(s_patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private int? FirstProcess()
    {
        try
        {
            string children = File.ReadAllText(
                string.Create(CultureInfo.InvariantCulture, $"/proc/{Id}/task/{Id}/children")
            );
            return int.TryParse(children.Split(' ')[0], CultureInfo.InvariantCulture, out int first) ? first : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private async Task ReadAsync()
    {
        byte[] chunk = new byte[4096];
        Stream errors = _process.StandardError.BaseStream;
        int read;
        while ((read = await errors.ReadAsync(chunk)) > 0)
        {
            lock (_said)
            {
                _said.Append(Encoding.UTF8.GetString(chunk, 0, read));
                if (_said.Length > LongestOutput)
                {
                    _said.Remove(0, _said.Length - LongestOutput);
                }
            }
        }
    }
}
