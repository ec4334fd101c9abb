using Ocx.Samples.Mcp;

return args switch
{
    ["server", var url] => await SampleServer.RunAsync(url, sessions: false),
    ["server", var url, "--sessions"] => await SampleServer.RunAsync(url, sessions: true),
    ["server", var url, "--journal", var file] => await SampleServer.RunAsync(url, sessions: false, file),
    ["server", var url, "--sessions", "--journal", var file] => await SampleServer.RunAsync(url, sessions: true, file),
    ["client", var url, var rounds] when int.TryParse(rounds, out int count) => await SampleClient.RunAsync(
        new Uri(url),
        count,
        roundsPerSecond: 0
    ),
    ["client", var url, var rounds, var rate]
        when int.TryParse(rounds, out int count) && int.TryParse(rate, out int perSecond) =>
        await SampleClient.RunAsync(new Uri(url), count, perSecond),
    ["call", var url, .. { Length: > 0 } calls] when calls.Length % 2 == 0 => await SampleCalls.RunAsync(
        new Uri(url),
        calls
    ),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine(
        "usage: Ocx.Samples.Mcp server URL [--sessions] [--journal FILE] "
            + "| client URL ROUNDS [ROUNDS_PER_SECOND], a round is two calls "
            + "| call URL TOOL ARGUMENTS [TOOL ARGUMENTS]..., the arguments a JSON object"
    );
    return 2;
}
