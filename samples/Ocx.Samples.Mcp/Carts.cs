using StackExchange.Redis;

namespace Ocx.Samples.Mcp;

/// <summary>
/// The customers' carts: keys <c>cart:CUSTOMER</c> of the Redis that the environment variable <c>CARTS_URL</c> names,
/// <c>redis://user:password@host:port</c>. Without it there are none.
/// </summary>
internal sealed class Carts : IAsyncDisposable
{
    private const string Variable = "CARTS_URL";
    private const string Prefix = "cart:";
    private const int Batch = 1000;

    private readonly string? _url = Environment.GetEnvironmentVariable(Variable);
    private ConnectionMultiplexer? _redis;

    /// <summary>Connects.</summary>
    public async Task ConnectAsync() =>
        _redis = _url is { Length: > 0 } ? await ConnectionMultiplexer.ConnectAsync(Settings(_url)) : null;

    /// <summary>Deletes a customer's cart, or with <c>*</c> all.</summary>
    public async Task DeleteAsync(string customer)
    {
        if (_redis is null)
        {
            return;
        }

        IDatabase database = _redis.GetDatabase();
        if (customer != "*")
        {
            await database.KeyDeleteAsync(Prefix + customer);
            return;
        }

        var keys = new List<RedisKey>(Batch);
        await foreach (RedisKey key in _redis.GetServers()[0].KeysAsync(pattern: Prefix + "*", pageSize: Batch))
        {
            keys.Add(key);
            if (keys.Count == Batch)
            {
                await database.KeyDeleteAsync([.. keys]);
                keys.Clear();
            }
        }

        await database.KeyDeleteAsync([.. keys]);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _redis?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static ConfigurationOptions Settings(string text)
    {
        var url = new Uri(text);
        string[] account = url.UserInfo.Split(':', 2);
        return new ConfigurationOptions
        {
            EndPoints = { { url.Host, url.Port } },
            User = account[0].Length > 0 ? Uri.UnescapeDataString(account[0]) : null,
            Password = account.Length > 1 ? Uri.UnescapeDataString(account[1]) : null,
        };
    }
}
