namespace Ocx.Gate.Tests.Http;

/// <summary>Bytes in the pieces in which they may come.</summary>
internal static class Pieces
{
    /// <summary>The ends of pieces of chance lengths; the last one is <paramref name="length"/>.</summary>
    public static IEnumerable<Range> Of(int length, Random random)
    {
        int longest = random.Next(4) switch
        {
            0 => 1,
            1 => 10,
            2 => 1448,
            _ => 60_000,
        };
        for (int at = 0, next; at < length; at = next)
        {
            next = Math.Min(length, at + 1 + random.Next(longest));
            yield return at..next;
        }
    }
}
