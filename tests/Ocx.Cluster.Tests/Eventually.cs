using System.Diagnostics;
using k8s.Autorest;

namespace Ocx.Cluster.Tests;

/// <summary>Waits for what a cluster does in its own time.</summary>
internal static class Eventually
{
    // Long enough for what takes seconds, on a machine that has no time.
    private const int Patience = 180;

    /// <summary>Asks until the answer is as expected.</summary>
    /// <returns>How long it took.</returns>
    public static async Task<TimeSpan> TrueAsync(
        Func<Task<bool>> condition,
        string what,
        Func<Task<string>>? explain = null,
        int seconds = Patience
    )
    {
        var watch = Stopwatch.StartNew();
        string? last = null;
        while (watch.Elapsed.TotalSeconds < seconds)
        {
            try
            {
                if (await condition())
                {
                    TestContext.Current.SendDiagnosticMessage(
                        $"{TestContext.Current.TestMethod?.MethodName}: {watch.Elapsed.TotalSeconds:0.0} s until {what}"
                    );
                    return watch.Elapsed;
                }
            }
            catch (Exception exception)
                when (exception is CommandException or HttpOperationException or HttpRequestException)
            {
                last = exception.Message;
            }

            await Task.Delay(200);
        }

        throw new TimeoutException(
            $"Not within {seconds} s: {what}. {last} {(explain is null ? "" : await explain())}"
        );
    }
}
