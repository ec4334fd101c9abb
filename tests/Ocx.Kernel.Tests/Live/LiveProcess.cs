using System.Collections.Concurrent;
using System.Diagnostics;
using Ocx.Kernel.Tests.Harness;

namespace Ocx.Kernel.Tests.Live;

/// <summary>A program that runs in a network namespace. Disposing it kills it if it still runs.</summary>
internal sealed class LiveProcess : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    private readonly string _name;
    private readonly NetworkNamespace _namespace;
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();

    /// <summary>Starts a program, in a folder and with variables of its own.</summary>
    public LiveProcess(
        NetworkNamespace @namespace,
        string folder,
        IReadOnlyDictionary<string, string> environment,
        params IReadOnlyList<string> command
    )
    {
        (_namespace, _name) = (@namespace, string.Join(' ', command));
        // ip-netns(8) becomes the program, so this is the program's own pid.
        var start = new ProcessStartInfo("ip", ["netns", "exec", @namespace.Name, .. command])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string variable, string value) in environment)
        {
            start.Environment[variable] = value;
        }

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>All that it has printed.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>Waits until it listens.</summary>
    public void AwaitPort(int port) =>
        Assert.True(
            SpinWait.SpinUntil(
                () => _process.HasExited || _namespace.Exec("ss", "-Hltn", $"sport = :{port}").Length > 0,
                s_patience
            ) && !_process.HasExited,
            $"{_name} does not listen on port {port}:\n{Output}"
        );

    /// <summary>Waits for its end, which has to be a good one unless another exit code is expected.</summary>
    public string AwaitEnd(int? code = 0)
    {
        Assert.True(_process.WaitForExit(s_patience), $"{_name} still runs:\n{Output}");
        _process.WaitForExit(); // and until all is read
        Assert.True(code is null || _process.ExitCode == code, $"{_name}: exit code {_process.ExitCode}:\n{Output}");
        return Output;
    }

    /// <summary>Asks it to end, and waits until it has.</summary>
    public void Stop()
    {
        if (!_process.HasExited)
        {
            _ = Native.kill(_process.Id, Native.SigTerm);
        }

        AwaitEnd(code: null);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            _output.Enqueue(line);
        }
    }
}
