using System.Diagnostics;

namespace Ocx.State.Tests.Servers;

/// <summary>Waits for conditions.</summary>
internal static class Eventually
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    public static async Task TrueAsync(Func<bool> condition)
    {
        long began = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < s_patience, "it did not come about");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }
}
