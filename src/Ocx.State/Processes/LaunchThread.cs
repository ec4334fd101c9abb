using System.Collections.Concurrent;
using System.Diagnostics;

namespace Ocx.State.Processes;

/// <summary>
/// Starts processes from one thread that lives as long as this process. The kernel signals a child (PR_SET_PDEATHSIG of
/// prctl(2)) when the <em>thread</em> that started it ends, and those of the pool come and go.
/// </summary>
internal static class LaunchThread
{
    private static readonly BlockingCollection<(
        ProcessStartInfo Start,
        TaskCompletionSource<Process> Started
    )> s_asked = [];

    static LaunchThread() => new Thread(Run) { IsBackground = true, Name = "launch" }.Start();

    /// <summary>Starts a process.</summary>
    public static Task<Process> StartAsync(ProcessStartInfo start)
    {
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        s_asked.Add((start, started));
        return started.Task;
    }

    private static void Run()
    {
        foreach ((ProcessStartInfo start, TaskCompletionSource<Process> started) in s_asked.GetConsumingEnumerable())
        {
            try
            {
                started.SetResult(Process.Start(start)!);
            }
            catch (Exception error) when (error is System.ComponentModel.Win32Exception or IOException)
            {
                started.SetException(error);
            }
        }
    }
}
