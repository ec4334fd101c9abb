using System.Globalization;
using Ocx.Audit.Rehearsals;
using Ocx.State.Clones;
using Ocx.State.Redis;
using Ocx.State.Tests.Servers;

namespace Ocx.State.Tests.Redis;

public sealed class RedisEffectsTests(Programs programs)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_shadow_does_is_told_with_old_and_new_values()
    {
        await using RedisSourceServer server = await RedisSourceServer.StartAsync(programs);
        await server.ExecuteAsync(["SET", "a", "1"], ["HSET", "h", "f", "v"], ["SET", "gone", "x"], ["SADD", "s", "m"]);
        await UsedAsync(
            server,
            async (shadow, clone) =>
            {
                await shadow.AskAsync(Ct, "INCR", "a");
                await shadow.AskAsync(Ct, "HSET", "h", "f", "w");
                await shadow.AskAsync(Ct, "DEL", "gone");
                await shadow.AskAsync(Ct, "SADD", "s", "n");
                await shadow.AskAsync(Ct, "SREM", "s", "n"); // as it was
                await shadow.AskAsync(Ct, "PUBLISH", "news", "hello");

                StateEffects effects = await clone.ReadEffectsAsync(Ct);
                Assert.Equal((2, 1), (effects.KeysWritten, effects.KeysDeleted));
                Assert.Equal(
                    ["a incrby 1 2", "gone del x -", "h hset v w", "news publish - hello"],
                    effects.Changes.Select(Tell).Order(StringComparer.Ordinal)
                );
                Assert.False(effects.IsCut);
                Assert.Equal(StateKind.Redis, effects.Kind);
            }
        );

        static string Tell(StateChange change) =>
            $"{change.Target} {change.Operation.Replace("incr", "incrby").Replace("incrbyby", "incrby")} "
            + $"{change.Old?[0].Value ?? "-"} {change.New?[0].Value ?? "-"}";
    }

    [Fact]
    public async Task What_happened_before_it_begins_is_forgotten()
    {
        await using RedisSourceServer server = await RedisSourceServer.StartAsync(programs);
        await server.ExecuteAsync(["SET", "a", "1"], ["SET", "gone", "x"]);
        await UsedAsync(
            server,
            async (shadow, clone) =>
            {
                await shadow.AskAsync(Ct, "SET", "a", "2", "PX", "100000");
                await shadow.AskAsync(Ct, "DEL", "gone");
                await shadow.AskAsync(Ct, "XADD", "stream", "*", "f", "v");
                await shadow.AskAsync(Ct, "PUBLISH", "news", "started");
                await clone.BeginAsync(Ct);
                Assert.Empty((await clone.ReadEffectsAsync(Ct)).Changes);

                await shadow.AskAsync(Ct, "SET", "a", "1");
                await shadow.AskAsync(Ct, "DEL", "stream");
                StateEffects effects = await clone.ReadEffectsAsync(Ct);
                Assert.Equal((1, 1), (effects.KeysWritten, effects.KeysDeleted));
                StateChange change = Assert.Single(effects.Changes, change => change.Target == "a");
                Assert.Equal(("2", "1"), (change.Old![0].Value, change.New![0].Value));
            }
        );
    }

    [Theory]
    [InlineData("FLUSHALL")]
    [InlineData("FLUSHDB")]
    [InlineData("SWAPDB 0 1")]
    [InlineData("EVAL for_i=1,500_do_redis.call('DEL','key:'..i)_end 0")]
    public async Task Commands_for_many_keys_are_counted_exactly(string command)
    {
        await using RedisSourceServer server = await RedisSourceServer.StartAsync(programs);
        await FillAsync(server, 500);
        await server.ExecuteAsync(["SELECT", "1"], ["SET", "key:7", "value 7"], ["SET", "other", "x"]);
        await UsedAsync(
            server,
            async (shadow, clone) =>
            {
                await shadow.AskAsync(Ct, [.. command.Split(' ').Select(part => part.Replace('_', ' '))]);
                await shadow.AskAsync(Ct, "SET", "after", "1");
                StateEffects effects = await clone.ReadEffectsAsync(Ct);
                (long written, long deleted) = command.Split(' ')[0] switch
                {
                    "FLUSHALL" => (1, 502),
                    "FLUSHDB" => (1, 500),
                    // 0 loses 499 and gains "other" and "after"; 1 loses "other" and gains 499.
                    "SWAPDB" => (501, 500),
                    _ => (1, 500),
                };
                Assert.Equal((written, deleted), (effects.KeysWritten, effects.KeysDeleted));
                Assert.True(effects.IsCut);
                Assert.Equal(100, effects.Changes.Count);
            }
        );
    }

    [Fact]
    public async Task Keys_that_expire_by_themselves_are_not_the_shadows_doing()
    {
        await using RedisSourceServer server = await RedisSourceServer.StartAsync(programs);
        await server.ExecuteAsync(["SET", "stays", "1"], ["SET", "short", "1", "PX", "1500"]);
        await UsedAsync(
            server,
            async (shadow, clone) =>
            {
                await shadow.AskAsync(Ct, "PEXPIRE", "stays", "100000");
                await Eventually.TrueAsync(() => shadow.AskAsync(Ct, "EXISTS", "short").Result.Number == 0);
                StateEffects effects = await clone.ReadEffectsAsync(Ct);
                Assert.Equal((1, 0), (effects.KeysWritten, effects.KeysDeleted));
                StateChange change = Assert.Single(effects.Changes);
                Assert.Equal("stays", change.Target);
                Assert.Equal("(expires)", change.New![^1].Name);
            },
            isLeftAlone: false
        );
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Effects_of_random_writes_are_the_difference_of_the_dumps(int seed)
    {
        await using RedisSourceServer server = await RedisSourceServer.StartAsync(programs);
        var random = new Random(seed);
        using (RespConnection source = await server.ConnectAsync())
        {
            await WriteAsync(source, random, 300);
        }

        await UsedAsync(
            server,
            async (shadow, clone) =>
            {
                using RespConnection administrator = await ((RedisTakenClone)clone).AdministerAsync(Ct);
                await WriteAsync(shadow, random, 200); // as a server may when it starts
                await clone.BeginAsync(Ct);
                var before = await RedisSourceServer.DumpAsync(administrator, "DEBUG", "DIGEST-VALUE");
                await WriteAsync(shadow, random, 200);
                var after = await RedisSourceServer.DumpAsync(administrator, "DEBUG", "DIGEST-VALUE");

                StateEffects effects = await clone.ReadEffectsAsync(Ct);
                long written = after.Count(key => before.GetValueOrDefault(key.Key) != key.Value);
                long deleted = before.Keys.Count(key => !after.ContainsKey(key));
                Assert.Equal((written, deleted), (effects.KeysWritten, effects.KeysDeleted));
                Assert.Equal(written + deleted, effects.Changes.Count);
            },
            new CloneLimits { MaxChanges = 10_000 }
        );
    }

    private static async Task WriteAsync(RespConnection connection, Random random, int count)
    {
        for (int i = 0; i < count; i++)
        {
            string key = $"k{random.Next(40)}\r\n";
            string value = random.Next(5).ToString(CultureInfo.InvariantCulture);
            string[] command = random.Next(22) switch
            {
                0 => ["SET", "s" + key, value],
                1 => ["APPEND", "s" + key, value],
                2 => ["LPUSH", "l" + key, value],
                3 => ["RPOP", "l" + key],
                4 => ["SADD", "set" + key, value],
                5 => ["SREM", "set" + key, value],
                6 => ["HSET", "h" + key, value, value],
                7 => ["HDEL", "h" + key, value],
                8 => ["ZADD", "z" + key, value, value],
                9 => ["ZREM", "z" + key, value],
                10 => ["DEL", "s" + key, "l" + key],
                11 => ["RENAME", "s" + key, "s" + value],
                12 => ["EXPIRE", "h" + key, "1000"],
                13 => ["PERSIST", "h" + key],
                14 => ["SUNIONSTORE", "set" + key, "setk1\r\n", "setk2\r\n"],
                15 => ["ZUNIONSTORE", "z" + key, "2", "zk1\r\n", "zk2\r\n"],
                16 => ["SORT", "l" + key, "STORE", "l" + value],
                17 => ["XADD", "x" + key, "*", "f", value],
                18 => ["MOVE", "s" + key, "1"],
                19 => ["COPY", "l" + key, "l" + value, "DB", "2", "REPLACE"],
                20 => ["EVAL", "return redis.call('SET', KEYS[1], ARGV[1])", "1", "s" + key, value],
                _ => ["SELECT", random.Next(3).ToString(CultureInfo.InvariantCulture)],
            };
            if (random.Next(20) == 0)
            {
                await connection.AskAsync(Ct, "MULTI");
                await connection.AskAsync(Ct, "SET", "m" + key, value);
                await connection.AskAsync(Ct, random.Next(2) == 0 ? "EXEC" : "DISCARD");
            }

            try
            {
                await connection.AskAsync(Ct, command);
            }
            catch (RespException)
            {
                // No such key to rename, or of another type.
            }
        }
    }

    private static async Task FillAsync(RedisSourceServer server, int keys) =>
        await server.ExecuteAsync([
            .. Enumerable.Range(1, keys).Select(i => new[] { "SET", $"key:{i}", $"value {i}" }),
        ]);

    private async Task UsedAsync(
        RedisSourceServer server,
        Func<RespConnection, TakenClone, Task> use,
        CloneLimits? limits = null,
        bool isLeftAlone = true
    )
    {
        var before = await server.DumpAsync();
        using CloneFolder folder = await CloneFolder.OpenAsync(programs.NewFolder());
        await using var maker = new RedisCloneMaker(server.Source, folder, limits ?? new CloneLimits());
        await using (TakenClone clone = await Taking.TakeAsync(maker))
        {
            using RespConnection shadow = await RedisSourceServer.ConnectAsync(clone.Address);
            await use(shadow, clone);
        }

        if (isLeftAlone)
        {
            Assert.Equal(before, await server.DumpAsync());
        }

        Assert.Empty(Directory.GetDirectories(folder.Path));
    }
}
