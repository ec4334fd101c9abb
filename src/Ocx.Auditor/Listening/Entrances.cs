using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Ocx.Auditor.Listening;

/// <summary>By which door a caller came in.</summary>
internal enum Entrance
{
    /// <summary>The Unix socket: the auditor's owner.</summary>
    Socket,

    /// <summary>gRPC over TLS: agents, which have to prove themselves.</summary>
    Agents,

    /// <summary>HTTP: whoever asks how the auditor fares.</summary>
    Health,
}

/// <summary>What is served where: an endpoint that is opened at no entrance is not there.</summary>
internal static class Entrances
{
    /// <summary>All that comes in here came by this entrance.</summary>
    public static void IsEntrance(this ListenOptions listen, Entrance entrance) =>
        listen.Use(next =>
            connection =>
            {
                connection.Features.Set(new Door(entrance));
                return next(connection);
            }
        );

    /// <summary>The one that a request came by.</summary>
    public static Entrance CameBy(this HttpContext http) => http.Features.GetRequiredFeature<Door>().Entrance;

    /// <summary>Serves endpoints at an entrance.</summary>
    public static void OpenAt(this IEndpointConventionBuilder endpoints, params Entrance[] entrances) =>
        endpoints.WithMetadata(new Opening(entrances));

    /// <summary>Keeps callers to what is open to them.</summary>
    public static void UseEntrances(this IApplicationBuilder app) =>
        app.Use(
            (http, next) =>
            {
                if (http.GetEndpoint()?.Metadata.GetMetadata<Opening>()?.At.Contains(http.CameBy()) == true)
                {
                    return next(http);
                }

                http.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
            }
        );

    private sealed record Door(Entrance Entrance);

    private sealed record Opening(IReadOnlyList<Entrance> At);
}
