using Ocx.State.Clones;
using Ocx.State.Postgres;
using Ocx.State.Tests.Servers;

namespace Ocx.State.Tests.Postgres;

/// <summary>
/// One source for the tests that do nothing to it but fill it; each is checked to leave it as it was.
/// </summary>
[CollectionDefinition(nameof(SharedSource))]
public sealed class SharedSource(Programs programs) : ICollectionFixture<SharedSource>, IAsyncLifetime
{
    private PostgresServer? _server;
    private CloneFolder? _folder;
    private PostgresCloneMaker? _maker;
    private string? _before;

    internal PostgresServer Server => _server!;

    internal string Folder => _folder!.Path;

    public async ValueTask InitializeAsync()
    {
        _server = await PostgresServer.StartAsync(programs);
        _folder = await CloneFolder.OpenAsync(programs.NewFolder());
    }

    public async ValueTask DisposeAsync()
    {
        _folder?.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    /// <summary>Fills the source for a test, as the role that owns its database.</summary>
    internal ValueTask BeginAsync(string fill)
    {
        Sql.Execute(
            Server.Administrator(),
            "DROP OWNED BY shop CASCADE; CREATE SCHEMA IF NOT EXISTS public; GRANT ALL ON SCHEMA public TO shop;"
                + "SET ROLE shop;"
                + fill
        );
        _before = Server.Dump();
        return ValueTask.CompletedTask;
    }

    internal async ValueTask EndAsync()
    {
        await (_maker?.DisposeAsync() ?? ValueTask.CompletedTask);
        _maker = null;
        Assert.Equal(_before, Server.Dump());
        Assert.Empty(Directory.GetDirectories(Folder));
    }

    internal PostgresCloneMaker Maker(CloneLimits? limits = null) =>
        _maker ??= new PostgresCloneMaker(Server.Source, _folder!, limits ?? new CloneLimits());

    internal Task<TakenClone> TakeAsync(CloneLimits? limits = null) => Taking.TakeAsync(Maker(limits));
}
