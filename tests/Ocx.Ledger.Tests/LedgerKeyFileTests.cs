using Ocx.Audit.Ledger;

namespace Ocx.Ledger.Tests;

public sealed class LedgerKeyFileTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_key_is_made_once_for_its_owner_alone()
    {
        for (int round = 0; round < 20; round++)
        {
            using var home = new Home();
            LedgerSigningKey[] keys = await Task.WhenAll(
                Enumerable
                    .Range(0, 8)
                    .Select(_ =>
                        Task.Run(() => LedgerKeyFile.LoadOrCreateAsync(home.KeyPath, Cancellation), Cancellation)
                    )
            );
            Assert.Single(keys.Select(key => key.Id).Distinct());
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(home.KeyPath));
            Assert.Equal([home.KeyPath], Directory.GetFiles(Path.GetDirectoryName(home.KeyPath)!));
            Array.ForEach(keys, key => key.Dispose());
        }
    }

    [Fact]
    public async Task A_key_that_everybody_can_read_is_refused_and_one_of_a_group_is_not()
    {
        using var home = new Home();
        (await LedgerKeyFile.LoadOrCreateAsync(home.KeyPath, Cancellation)).Dispose();
        File.SetUnixFileMode(home.KeyPath, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        await RefusedAsync(home);
        File.SetUnixFileMode(home.KeyPath, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);
        (await LedgerKeyFile.LoadOrCreateAsync(home.KeyPath, Cancellation)).Dispose();
        File.Delete(home.KeyPath);
        await Assert.ThrowsAsync<LedgerException>(() => LedgerKeyFile.LoadAsync(home.KeyPath, Cancellation));
    }

    [Fact]
    public async Task A_key_is_read_through_links_as_a_cluster_mounts_it()
    {
        using var home = new Home();
        using LedgerSigningKey key = await LedgerKeyFile.LoadOrCreateAsync(home.KeyPath, Cancellation);
        File.CreateSymbolicLink(home.KeyPath + ".link", home.KeyPath);
        using LedgerSigningKey linked = await LedgerKeyFile.LoadAsync(home.KeyPath + ".link", Cancellation);
        Assert.Equal(key.Id, linked.Id);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")]
    public async Task What_is_no_key_is_refused(string text)
    {
        using var home = new Home();
        await WriteAsync(home, text);
        await RefusedAsync(home);
    }

    [Fact]
    public async Task Keys_of_another_kind_are_refused()
    {
        using var home = new Home();
        using var larger = System.Security.Cryptography.ECDsa.Create(
            System.Security.Cryptography.ECCurve.NamedCurves.nistP384
        );
        foreach (string text in new[] { larger.ExportPkcs8PrivateKeyPem(), home.Key.PublicKey.ExportPem() })
        {
            await WriteAsync(home, text);
            await RefusedAsync(home);
        }
    }

    private static async Task WriteAsync(Home home, string text)
    {
        await File.WriteAllTextAsync(home.KeyPath, text, Cancellation);
        File.SetUnixFileMode(home.KeyPath, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    private static Task<LedgerException> RefusedAsync(Home home) =>
        Assert.ThrowsAsync<LedgerException>(() => LedgerKeyFile.LoadOrCreateAsync(home.KeyPath, Cancellation));
}
