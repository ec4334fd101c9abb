using System.Diagnostics;

namespace Ocx.ControlPlane.Tests;

/// <summary>Waits for what a control plane does in its own time.</summary>
public static class Eventually
{
    /// <summary>
    /// How long to wait for what comes within seconds on a machine that has time: long enough for one that has none.
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Waits until a condition holds, and says how long it took.</summary>
    public static Task<TimeSpan> TrueAsync(Func<Task<bool>> condition, string what) =>
        TrueAsync(condition, Patience, what);

    /// <summary>Waits until a condition holds, and says how long it took.</summary>
    public static async Task<TimeSpan> TrueAsync(Func<Task<bool>> condition, TimeSpan timeout, string what)
    {
        var watch = Stopwatch.StartNew();
        Exception? last = null;
        while (watch.Elapsed < timeout)
        {
            try
            {
                if (await condition())
                {
                    return watch.Elapsed;
                }
            }
            catch (Exception exception)
                when (exception is HttpRequestException or k8s.Autorest.HttpOperationException or TaskCanceledException)
            {
                last = exception;
            }

            await Task.Delay(50);
        }

        throw new TimeoutException($"Not within {timeout.TotalSeconds} s: {what}. {last?.Message}");
    }
}
