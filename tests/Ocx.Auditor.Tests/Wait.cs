namespace Ocx.Auditor.Tests;

/// <summary>Waits for a condition, and not for time.</summary>
internal static class Wait
{
    public static async Task UntilAsync(Func<bool> condition, CancellationToken cancellation)
    {
        while (!condition())
        {
            await Task.Delay(5, cancellation);
        }
    }

    public static async Task UntilAsync(Func<Task<bool>> condition, CancellationToken cancellation)
    {
        while (!await condition())
        {
            await Task.Delay(5, cancellation);
        }
    }
}
