using k8s;
using k8s.Models;
using Ocx.Kube;
using Ocx.Operator;
using Ocx.Operator.Gates;
using Ocx.Operator.Options;
using Prometheus;
using Serilog;
using Serilog.Formatting.Compact;

const int Failed = 1;
const int CannotStart = 2;

// The chart's test runs this image to ask a running operator whether it is ready.
if (args is ["--check", var address])
{
    using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
    using var answer = await http.GetAsync(new Uri(address));
    Console.WriteLine($"{address} answered {(int)answer.StatusCode}");
    return answer.IsSuccessStatusCode ? 0 : 1;
}

var builder = WebApplication.CreateSlimBuilder(args);
Kubernetes api;
OperatorOptions options;
try
{
    api = ApiServer.Connect();
    options = OperatorOptions.From(builder.Configuration);
}
catch (InvalidOperationException unusable)
{
    Console.Error.WriteLine($"ocx-operator: {unusable.Message}");
    return CannotStart;
}

// The chart runs this image before gates go for good: see docs/gate.md.
if (args is ["--end-gates"])
{
    using var loggers = LoggerFactory.Create(logging => logging.AddConsole());
    var removal = new GateRemoval(
        new ResourceClient<V1DaemonSet>(api, OperatorServices.FieldManager, options.Namespace),
        options.Gate ?? new GateSettings(),
        options,
        loggers.CreateLogger<GateRemoval>()
    );
    return await new GatesEnd(api, removal, options, TimeProvider.System, Console.WriteLine).RunAsync(
        TimeSpan.FromMinutes(4),
        CancellationToken.None
    )
        ? 0
        : Failed;
}

builder.Logging.ClearProviders();
builder.Services.AddSerilog(log =>
    log.MinimumLevel.Override("Microsoft", Serilog.Events.LogEventLevel.Warning)
        .WriteTo.Console(new CompactJsonFormatter())
);
builder.WebHost.UseUrls($"http://{options.HttpAddress}:{options.HttpPort}");
builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(10));
builder.Services.AddSingleton(api);
builder.Services.AddOperator(options);

var app = builder.Build();
app.MapGet("/healthz", () => "ok");

// A replica that does not lead is ready as well: it stands by with its informers in step.
app.MapGet(
    "/readyz",
    (IEnumerable<IInformer> informers) =>
        informers.All(informer => informer.Synced.IsCompletedSuccessfully)
            ? Results.Text("ok")
            : Results.Text("waiting for the first lists", statusCode: StatusCodes.Status503ServiceUnavailable)
);
app.MapMetrics();

// A service that ends by an exception stops the host, which then says nothing of it.
BackgroundService[] services = [.. app.Services.GetServices<IHostedService>().OfType<BackgroundService>()];
try
{
    await app.RunAsync();
}
catch (IOException unusable)
{
    Console.Error.WriteLine($"ocx-operator: cannot listen (OCX_HTTP_ADDRESS, OCX_HTTP_PORT): {unusable.Message}");
    return CannotStart;
}

return services.Any(service => service.ExecuteTask is { IsFaulted: true }) ? Failed : Environment.ExitCode;
