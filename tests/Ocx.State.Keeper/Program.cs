using System.Globalization;
using Ocx.State.Clones;
using Ocx.State.Postgres;
using Ocx.State.Redis;

// Keeps clones until it is killed:
//   Ocx.State.Keeper FOLDER POSTGRES_PORT POSTGRES_PASSWORD POSTGRES_PROGRAMS REDIS_PORT REDIS_PASSWORD REDIS_PROGRAM
using CloneFolder folder = await CloneFolder.OpenAsync(args[0]);
var postgres = new PostgresCloneMaker(
    new PostgresSource
    {
        Name = "orders",
        Host = "127.0.0.1",
        Port = int.Parse(args[1], CultureInfo.InvariantCulture),
        Role = "replicator",
        Password = args[2],
        Database = "shop",
        ShadowRole = "shop",
        Programs = args[3],
    },
    folder,
    new CloneLimits()
);
var redis = new RedisCloneMaker(
    new RedisSource
    {
        Name = "sessions",
        Host = "127.0.0.1",
        Port = int.Parse(args[4], CultureInfo.InvariantCulture),
        User = "replicator",
        Password = args[5],
        Program = args[6],
    },
    folder,
    new CloneLimits()
);
await postgres.MakeAsync(CancellationToken.None);
WarmClone second = await redis.MakeAsync(CancellationToken.None);
await second.TakeAsync(CancellationToken.None);
Console.WriteLine("ready");
await Task.Delay(Timeout.Infinite);
