using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Text.Json;

namespace Ocx.Kernel.Tests.Harness;

/// <summary>
/// A real OTLP receiver in a namespace: the Aspire dashboard, which tells what it received in OTLP's own JSON.
/// Disposing it kills it.
/// </summary>
internal sealed class OtlpReceiver : IDisposable
{
    /// <summary>Where it takes OTLP over gRPC.</summary>
    public static readonly IPEndPoint Grpc = new(IPAddress.Loopback, 4317);

    /// <summary>Where it takes OTLP over HTTP.</summary>
    public static readonly IPEndPoint Http = new(IPAddress.Loopback, 4318);

    private static readonly IPEndPoint s_pages = new(IPAddress.Loopback, 18888);

    private readonly DirectoryInfo _program = Directory.CreateTempSubdirectory("ocx-otlp-");
    private readonly Process _process;
    private readonly HttpClient _http;

    public OtlpReceiver(NetworkNamespace @namespace)
    {
        // A package's files are not executable, and are not ours to change.
        string package = typeof(OtlpReceiver)
            .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(data => data.Key == "OtlpReceiver")
            .Value!;
        Command.Run("cp", "-r", $"{package}/.", _program.FullName);
        string program = Path.Combine(_program.FullName, "Aspire.Dashboard");
        Command.Run("chmod", "+x", program);
        var start = new ProcessStartInfo("ip", ["netns", "exec", @namespace.Name, program])
        {
            WorkingDirectory = _program.FullName,
            RedirectStandardOutput = true,
            Environment =
            {
                ["ASPNETCORE_URLS"] = $"http://{s_pages}",
                ["DOTNET_DASHBOARD_OTLP_ENDPOINT_URL"] = $"http://{Grpc}",
                ["DOTNET_DASHBOARD_OTLP_HTTP_ENDPOINT_URL"] = $"http://{Http}",
                ["DOTNET_DASHBOARD_UNSECURED_ALLOW_ANONYMOUS"] = "true",
                ["Dashboard__Api__Enabled"] = "true",
            },
        };
        _process = Process.Start(start)!;
        _process.BeginOutputReadLine();
        _http = new HttpClient(@namespace.HttpTo(s_pages, socket => new NetworkStream(socket, ownsSocket: true)))
        {
            BaseAddress = new Uri($"http://{s_pages}/"),
        };
        Assert.True(
            SpinWait.SpinUntil(
                () =>
                    @namespace
                        .Exec("ss", "-Hltn", $"sport = :{Grpc.Port} or sport = :{s_pages.Port}")
                        .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                        .Length == 2,
                TimeSpan.FromSeconds(120)
            ),
            "the OTLP receiver did not start"
        );
    }

    /// <summary>The spans that it has received, once there are so many.</summary>
    public Task<IReadOnlyList<JsonElement>> SpansAsync(int count) => ReceivedAsync("spans", "spanId", count);

    /// <summary>The logs that it has received, once there are so many.</summary>
    public Task<IReadOnlyList<JsonElement>> LogsAsync(int count) => ReceivedAsync("logs", "severityText", count);

    /// <inheritdoc/>
    public void Dispose()
    {
        _http.Dispose();
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _program.Delete(recursive: true);
    }

    private async Task<IReadOnlyList<JsonElement>> ReceivedAsync(string signal, string property, int count)
    {
        string text = string.Empty;
        for (int attempt = 0; attempt < 240; attempt++)
        {
            text = await _http.GetStringAsync($"api/telemetry/{signal}", TestContext.Current.CancellationToken);
            JsonElement[] found =
            [
                .. Objects(JsonElement.Parse(text)).Where(item => item.TryGetProperty(property, out _)),
            ];
            if (found.Length >= count)
            {
                return found;
            }

            await Task.Delay(250, TestContext.Current.CancellationToken);
        }

        Assert.Fail($"fewer than {count} {signal} in a minute: {text}");
        return [];
    }

    // Wherever in resources and scopes they lie.
    private static IEnumerable<JsonElement> Objects(JsonElement at) =>
        at.ValueKind switch
        {
            JsonValueKind.Object => at.EnumerateObject().SelectMany(member => Objects(member.Value)).Prepend(at),
            JsonValueKind.Array => at.EnumerateArray().SelectMany(Objects),
            _ => [],
        };
}
