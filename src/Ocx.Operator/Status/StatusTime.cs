namespace Ocx.Operator.Status;

/// <summary>The time as statuses have it: in whole seconds, as the API server keeps it.</summary>
internal static class StatusTime
{
    public static DateTime Of(TimeProvider time)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return new(now.Ticks - (now.Ticks % TimeSpan.TicksPerSecond), DateTimeKind.Utc);
    }
}
