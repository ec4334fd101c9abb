using Ocx.Sandbox.Sandboxes;

namespace Ocx.Sandbox.Pooling;

/// <summary>A shadow server and the clones that it works on: for one call, then both are thrown away.</summary>
/// <typeparam name="TClones">The clones.</typeparam>
public sealed class Shadow<TClones> : IAsyncDisposable
    where TClones : IAsyncDisposable
{
    internal Shadow(ShadowServer server, TClones clones, DateTimeOffset made)
    {
        Server = server;
        Clones = clones;
        Made = made;
    }

    /// <summary>The server.</summary>
    public ShadowServer Server { get; }

    /// <summary>Its clones.</summary>
    public TClones Clones { get; }

    /// <summary>When it became ready.</summary>
    public DateTimeOffset Made { get; }

    /// <summary>Ends the server, then its clones.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await Server.DisposeAsync();
        }
        finally
        {
            await Clones.DisposeAsync();
        }
    }
}
