using Ocx.Samples.Mcp;

return args switch
{
    ["server", var url] => await SampleServer.RunAsync(url),
    ["client", var url, var calls] when int.TryParse(calls, out int count) => await SampleClient.RunAsync(new Uri(url), count),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: Ocx.Samples.Mcp server URL | client URL CALLS");
    return 2;
}
