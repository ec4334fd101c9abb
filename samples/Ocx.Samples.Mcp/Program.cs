using Ocx.Samples.Mcp;

return args switch
{
    ["server", var url] => await SampleServer.RunAsync(url, sessions: false),
    ["server", var url, "--sessions"] => await SampleServer.RunAsync(url, sessions: true),
    ["client", var url, var rounds] when int.TryParse(rounds, out int count) => await SampleClient.RunAsync(
        new Uri(url),
        count,
        roundsPerSecond: 0
    ),
    ["client", var url, var rounds, var rate]
        when int.TryParse(rounds, out int count) && int.TryParse(rate, out int perSecond) =>
        await SampleClient.RunAsync(new Uri(url), count, perSecond),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine(
        "usage: Ocx.Samples.Mcp server URL [--sessions] | client URL ROUNDS [ROUNDS_PER_SECOND], a round is two calls"
    );
    return 2;
}
