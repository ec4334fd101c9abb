namespace Ocx.Gate.Holding;

/// <summary>Requests to use again: most of them call nothing that is audited, and are over at once.</summary>
/// <param name="longest">The longest request that can be held, in bytes.</param>
internal sealed class RequestPool(int longest)
{
    private const int Most = 256;

    private readonly Stack<Request> _spare = new();

    /// <summary>A request that begins.</summary>
    /// <param name="connection">Whose it is.</param>
    /// <param name="start">Where its first byte stands in the client's direction.</param>
    /// <param name="now">Monotonic nanoseconds.</param>
    public Request Take(GateConnection connection, long start, long now)
    {
        Request request = _spare.TryPop(out Request? spare) ? spare : new Request(connection.Budget, longest);
        request.ChargeTo(connection.Budget);
        (request.Start, request.Since) = (start, now);
        return request;
    }

    /// <summary>A request that is over.</summary>
    public void Return(Request request)
    {
        if (request.Calls.Count == 0 && _spare.Count < Most)
        {
            request.Reset();
            _spare.Push(request);
        }
        else
        {
            request.ForgetBytes();
        }
    }
}
