using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Ocx.Auditor.Tests.Jurors;

/// <summary>A webhook over TLS on loopback that answers as a test likes.</summary>
internal sealed class TestWebhook : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestWebhook(WebApplication app) => _app = app;

    /// <summary>The questions that came: their bodies, and what their Authorization header was.</summary>
    public ConcurrentQueue<(string Body, string Authorization)> Questions { get; } = new();

    public Uri Address =>
        new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    public static async Task<TestWebhook> StartAsync(
        X509Certificate2 certificate,
        Func<HttpContext, string, Task> answer,
        X509Certificate2? clientsSignedBy = null
    )
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(
                IPAddress.Loopback,
                0,
                listen =>
                    listen.UseHttps(https =>
                    {
                        https.ServerCertificate = certificate;
                        if (clientsSignedBy is not null)
                        {
                            https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
                            https.ClientCertificateValidation = (client, _, _) =>
                                client.Issuer == clientsSignedBy.Subject;
                        }
                    })
            )
        );
        var webhook = new TestWebhook(builder.Build());
        webhook._app.MapPost(
            "/{**path}",
            async (HttpContext http) =>
            {
                using var reader = new StreamReader(http.Request.Body);
                string body = await reader.ReadToEndAsync();
                webhook.Questions.Enqueue((body, http.Request.Headers.Authorization.ToString()));
                await answer(http, body);
            }
        );
        await webhook._app.StartAsync();
        return webhook;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
