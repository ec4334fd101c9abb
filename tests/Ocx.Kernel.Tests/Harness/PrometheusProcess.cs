using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Ocx.Kernel.Tests.Harness;

/// <summary>
/// A real Prometheus, of Debian's package, in a namespace: it scrapes one agent each second and knows the chart's
/// rules. Disposing it kills it.
/// </summary>
internal sealed class PrometheusProcess : IDisposable
{
    private static readonly IPEndPoint s_endpoint = new(IPAddress.Loopback, 9090);

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("ocx-prometheus-");
    private readonly Process _process;
    private readonly HttpClient _http;

    public PrometheusProcess(NetworkNamespace @namespace, IPEndPoint agent, string rules)
    {
        string configuration = Path.Combine(_data.FullName, "prometheus.yml");
        File.WriteAllText(
            configuration,
            $$"""
            global: {scrape_interval: 1s, evaluation_interval: 1s}
            rule_files: ['{{rules}}']
            scrape_configs:
              - job_name: ocx
                static_configs: [{targets: ['{{agent}}']}]
            """
        );
        _process = Process.Start(
            new ProcessStartInfo(
                "ip",
                [
                    "netns",
                    "exec",
                    @namespace.Name,
                    Program("prometheus"),
                    $"--config.file={configuration}",
                    $"--storage.tsdb.path={_data.FullName}/data",
                    $"--web.listen-address={s_endpoint}",
                    "--log.level=error",
                ]
            )
        )!;
        _http = new HttpClient(@namespace.HttpTo(s_endpoint, socket => new NetworkStream(socket, ownsSocket: true)))
        {
            BaseAddress = new Uri($"http://{s_endpoint}/"),
        };
        Assert.True(
            SpinWait.SpinUntil(
                () => @namespace.Exec("ss", "-Hltn", $"sport = :{s_endpoint.Port}").Length > 0,
                TimeSpan.FromSeconds(60)
            ),
            "Prometheus did not start"
        );
    }

    /// <summary>A program of Debian's package.</summary>
    public static string Program(string name) =>
        Path.Combine(Command.Run(Path.Combine(Checkout.Root, "hack/prometheus")).Trim(), name);

    /// <summary>Waits until it answers queries: it listens before it has read its storage.</summary>
    public async Task ReadyAsync()
    {
        for (int attempt = 0; attempt < 600; attempt++)
        {
            using HttpResponseMessage answer = await _http.GetAsync("-/ready", TestContext.Current.CancellationToken);
            if (answer.IsSuccessStatusCode)
            {
                return;
            }

            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        Assert.Fail("Prometheus was not ready in a minute");
    }

    /// <summary>
    /// How many series an instant query has now. A query that Prometheus cannot read fails the test with its reason.
    /// </summary>
    public async Task<int> SeriesAsync(string query)
    {
        JsonElement answer = await GetAsync($"api/v1/query?query={Uri.EscapeDataString(query)}");
        Assert.True(answer.GetProperty("status").GetString() == "success", $"{query}: {answer}");
        return answer
            .GetProperty("data")
            .GetProperty("result")
            .EnumerateArray()
            .Count(series => series.GetProperty("value")[1].GetString() != "NaN");
    }

    /// <summary>The rules that are loaded: each alert's name and whether it could be evaluated.</summary>
    public async Task<IReadOnlyDictionary<string, string>> AlertsAsync()
    {
        JsonElement answer = await GetAsync("api/v1/rules?type=alert");
        return answer
            .GetProperty("data")
            .GetProperty("groups")
            .EnumerateArray()
            .SelectMany(group => group.GetProperty("rules").EnumerateArray())
            .ToDictionary(
                rule => rule.GetProperty("name").GetString()!,
                rule => rule.GetProperty("health").GetString()!
            );
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _http.Dispose();
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _data.Delete(recursive: true);
    }

    private async Task<JsonElement> GetAsync(string path)
    {
        using HttpResponseMessage answer = await _http.GetAsync(path, TestContext.Current.CancellationToken);
        return JsonElement.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
