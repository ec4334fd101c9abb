using System.Diagnostics;

namespace Ocx.TapBench.Connections;

/// <summary>
/// An agent at its default settings that tells calls on lo, and those that it told. It ends when it is disposed.
/// </summary>
internal sealed class CallingAgent : IDisposable
{
    private readonly Process _process;
    private readonly Queue<string> _counts = new();
    private readonly TaskCompletionSource _tapping = new();

    public CallingAgent(int expected)
    {
        Calls = new ToldCalls(expected);
        _process = new Process
        {
            StartInfo = new ProcessStartInfo(Tool.Agent, ["--interface", "lo", "--port", "8080", "--events", "calls"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        _process.OutputDataReceived += (_, line) =>
        {
            if (!string.IsNullOrEmpty(line.Data))
            {
                lock (Calls)
                {
                    Calls.Take(line.Data);
                }
            }
        };
        _process.ErrorDataReceived += (_, line) => Note(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        if (!_tapping.Task.Wait(TimeSpan.FromSeconds(10)))
        {
            throw new InvalidOperationException("the agent did not start");
        }
    }

    public int Id => _process.Id;

    public ToldCalls Calls { get; }

    /// <summary>Waits until so many calls were told, or until no more come for a while.</summary>
    public void WaitUntilTold(int calls, TimeSpan patience)
    {
        int before = -1;
        for (
            long since = Stopwatch.GetTimestamp();
            Told() < calls && Stopwatch.GetElapsedTime(since) < patience;
            Thread.Sleep(50)
        )
        {
            if (Told() is var now && now != before)
            {
                (before, since) = (now, Stopwatch.GetTimestamp());
            }
        }
    }

    /// <summary>Stops it as an administrator does, and reads all that it still tells.</summary>
    /// <returns>Its last counts.</returns>
    public string Stop()
    {
        _ = Native.kill(_process.Id, Native.SIGTERM);
        _process.WaitForExit();
        return string.Join("; ", _counts);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }
        _process.Dispose();
    }

    private int Told()
    {
        lock (Calls)
        {
            return Calls.Told;
        }
    }

    private void Note(string? line)
    {
        if (line?.Contains("Tapping", StringComparison.Ordinal) == true)
        {
            _tapping.TrySetResult();
        }
        // The last two lines of counts: the filter's and those of calls.
        if (
            line is not null
            && (
                line.Contains("Stats: ", StringComparison.Ordinal) || line.Contains("Calls: ", StringComparison.Ordinal)
            )
        )
        {
            _counts.Enqueue(line[(line.IndexOf(']', StringComparison.Ordinal) + 2)..]);
            while (_counts.Count > 2)
            {
                _counts.Dequeue();
            }
        }
    }
}
