using Ocx.State.Clones;
using Ocx.State.Postgres;
using Ocx.State.Tests.Servers;

namespace Ocx.State.Tests.Postgres;

public sealed class FaultTests(Programs programs)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_source_that_goes_away_leaves_clones_that_tell_their_age()
    {
        await using PostgresServer server = await PostgresServer.StartAsync(programs);
        using CloneFolder folder = await CloneFolder.OpenAsync(programs.NewFolder());
        var limits = new CloneLimits { MaxLag = TimeSpan.FromMinutes(5) };
        await using var maker = new PostgresCloneMaker(server.Source, folder, limits);
        WarmClone warm = await maker.MakeAsync(Ct);
        await server.KillAsync();

        CloneException error = await Assert.ThrowsAsync<CloneException>(() => warm.CheckAsync(Ct));
        Assert.Equal(CloneFailure.SourceDown, error.Failure);
        await Assert.ThrowsAsync<CloneException>(() => maker.MakeAsync(Ct));

        // What it has is younger than it may be at most.
        await using TakenClone clone = await warm.TakeAsync(Ct);
        Assert.InRange(clone.Lag, TimeSpan.FromTicks(1), limits.MaxLag);
        await server.RestartAsync();
    }

    [Fact]
    public async Task A_clone_that_is_too_old_is_not_taken()
    {
        await using PostgresServer server = await PostgresServer.StartAsync(programs);
        using CloneFolder folder = await CloneFolder.OpenAsync(programs.NewFolder());
        var limits = new CloneLimits { MaxLag = TimeSpan.Zero };
        await using var maker = new PostgresCloneMaker(server.Source, folder, limits);
        await using WarmClone warm = await maker.MakeAsync(Ct);
        await server.KillAsync();
        CloneException error = await Assert.ThrowsAsync<CloneException>(() => warm.TakeAsync(Ct));
        Assert.Equal(CloneFailure.SourceDown, error.Failure);
    }

    [Fact]
    public async Task A_source_that_is_killed_while_it_is_copied_leaves_nothing()
    {
        await using PostgresServer server = await PostgresServer.StartAsync(programs);
        using CloneFolder folder = await CloneFolder.OpenAsync(programs.NewFolder());
        await using var maker = new PostgresCloneMaker(server.Source, folder, new CloneLimits());
        Task<WarmClone> making = maker.MakeAsync(Ct);
        await Eventually.TrueAsync(() => making.IsCompleted || Directory.GetDirectories(folder.Path).Length > 0);
        await server.KillAsync();
        CloneException error = await Assert.ThrowsAsync<CloneException>(() => making);
        Assert.True(error.Failure is CloneFailure.SourceDown or CloneFailure.LagTooGreat, error.ToString());
        Assert.Empty(Directory.GetDirectories(folder.Path));
    }

    [Theory]
    [InlineData("host replication replicator 127.0.0.1/32 reject\n", "", CloneFailure.ReplicationRefused)]
    [InlineData("host replication all 127.0.0.1/32 trust\n", "NOREPLICATION", CloneFailure.MissingPrivilege)]
    [InlineData("host replication all 127.0.0.1/32 trust\n", "NOLOGIN", CloneFailure.ReplicationRefused)]
    public async Task A_source_that_refuses_says_so(string access, string role, CloneFailure failure)
    {
        await using PostgresServer server = await PostgresServer.StartAsync(programs, access: access);
        server.Execute($"ALTER ROLE replicator {role}");
        Assert.Equal(failure, await FailsAsync(server.Source, new CloneLimits()));
    }

    [Fact]
    public async Task What_cannot_be_cloned_says_so()
    {
        await using PostgresServer server = await PostgresServer.StartAsync(programs);
        PostgresSource source = server.Source;
        Assert.Equal(CloneFailure.TooLarge, await FailsAsync(source, new CloneLimits { MaxBytes = 1 << 20 }));
        Assert.Equal(
            CloneFailure.TooSlow,
            await FailsAsync(source, new CloneLimits { CopyTimeout = TimeSpan.FromMilliseconds(1) })
        );
        Assert.Equal(
            CloneFailure.ReplicationRefused,
            await FailsAsync(source with { Password = "another" }, new CloneLimits())
        );
        Assert.Equal(CloneFailure.RoleMissing, await FailsAsync(source with { ShadowRole = "x" }, new CloneLimits()));
        Assert.Equal(
            CloneFailure.VersionNotSupported,
            await FailsAsync(source with { Programs = "/nowhere/{0}" }, new CloneLimits())
        );
    }

    [Fact]
    public async Task A_full_disk_says_so_and_leaves_nothing()
    {
        Assert.SkipUnless(Environment.UserName == "root", "a small file system is mounted by root");
        string small = programs.NewFolder();
        Programs.Run("mount", "-t", "tmpfs", "-o", "size=40m", "ocx-state", small);
        try
        {
            await using PostgresServer server = await PostgresServer.StartAsync(programs);
            using CloneFolder folder = await CloneFolder.OpenAsync(small);
            await using var maker = new PostgresCloneMaker(server.Source, folder, new CloneLimits());
            CloneException error = await Assert.ThrowsAsync<CloneException>(() => maker.MakeAsync(Ct));
            Assert.Equal(CloneFailure.DiskFull, error.Failure);
            Assert.Empty(Directory.GetDirectories(small));
        }
        finally
        {
            Programs.Run("umount", small);
        }
    }

    private async Task<CloneFailure> FailsAsync(PostgresSource source, CloneLimits limits)
    {
        using CloneFolder folder = await CloneFolder.OpenAsync(programs.NewFolder());
        await using var maker = new PostgresCloneMaker(source, folder, limits);
        CloneException error = await Assert.ThrowsAsync<CloneException>(() => maker.MakeAsync(Ct));
        Assert.Empty(Directory.GetDirectories(folder.Path));
        return error.Failure;
    }
}
