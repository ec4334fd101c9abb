namespace Ocx.Fuzz;

/// <summary>A parser, and what must hold for any input.</summary>
/// <param name="Name">Its name, and that of its folder in corpus/.</param>
/// <param name="Parse">Parses an input; throws when an invariant does not hold.</param>
public sealed record FuzzTarget(string Name, Action<byte[]> Parse)
{
    // What the readers hold at most, and the decoders' windows.
    private const long MostAllocated = 64 << 20;

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("calls", CallsTarget.Parse),
        new("http", HttpTargets.ParseHttp),
        new("sse", HttpTargets.ParseSse),
        new("decode", HttpTargets.ParseCoded),
        new("tls", HttpTargets.ParseTls),
        new("json", JsonTargets.ParseJson),
        new("redact", JsonTargets.Redact),
        new("ledger", AuditTargets.ParseLedger),
        new("review", AuditTargets.ParseReview),
        new("rules", AuditTargets.ParseRule),
        new("arguments", AuditTargets.ParseArguments),
        new("packet", GateTargets.ParsePacket),
        new("rewrite", GateTargets.Rewrite),
        new("refuse", GateTargets.Refuse),
        new("queue", QueueTarget.Parse),
    ];

    public static FuzzTarget? Find(string name) => All.FirstOrDefault(target => target.Name == name);

    /// <summary>Parses an input, and holds the parser to a bound on what it allocates.</summary>
    public void Run(byte[] input)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Parse(input);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Must(
            allocated <= MostAllocated + (1000L * input.Length),
            $"{Name} allocated {allocated} bytes for {input.Length}"
        );
    }

    public static void Must(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new InvalidOperationException(otherwise);
        }
    }
}
