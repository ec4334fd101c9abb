using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Ocx.Sandbox.Bundles;
using Ocx.Sandbox.Failures;
using Ocx.Sandbox.Pooling;
using Ocx.Sandbox.Sandboxes;
using Ocx.Sandbox.Tests.Harness;

namespace Ocx.Sandbox.Tests;

/// <summary>Shadows that are held ready.</summary>
public sealed class PoolTests(Machine machine) : IDisposable
{
    private readonly List<Clones> _clones = [];

    public void Dispose()
    {
        Assert.All(_clones, clones => Assert.Equal(1, clones.Ends));
        Assert.Equal(Left.Nothing, Left.In(machine.State));
    }

    [Fact]
    public async Task None_is_used_twice_and_the_next_is_made_meanwhile()
    {
        await using ShadowPool<Clones> pool = Pool(Machine.Hostile, new ShadowPoolOptions { Warm = 1 });
        var taken = new HashSet<ShadowServer>();
        for (int i = 0; i < 3; i++)
        {
            Shadow<Clones> shadow = await pool.TakeAsync(TestContext.Current.CancellationToken);
            try
            {
                Assert.True(taken.Add(shadow.Server));
                var call = new SandboxCall { Tool = "whoami", Arguments = JsonElement.Parse("{}") };
                string who = Machine.TextOf(await shadow.Server.CallAsync(call, TestContext.Current.CancellationToken));
                // Each has the clones that were made for it.
                Assert.Equal(
                    shadow.Clones.Name,
                    JsonElement.Parse(who).GetProperty("env").GetProperty("CLONE").GetString()
                );
            }
            finally
            {
                pool.GiveBack(shadow);
            }
        }

        Assert.InRange(pool.Status.Started, 3, 4);
        Assert.Null(pool.Status.Failure);
    }

    [Fact]
    public async Task One_that_ended_while_it_waited_is_not_given_out()
    {
        await using ShadowPool<Clones> pool = Pool(Machine.Hostile, new ShadowPoolOptions { Warm = 1 });
        await UntilAsync(() => pool.Status.Warm == 1);
        foreach (int process in Left.ProcessesOf(machine.State))
        {
            Kill(process);
        }

        await UntilAsync(() => !Left.ProcessesOf(machine.State).Any() || pool.Status.Started > 1);
        await using Shadow<Clones> shadow = await pool.TakeAsync(TestContext.Current.CancellationToken);
        Assert.False(shadow.Server.HasEnded);
        Assert.Equal(2, pool.Status.Started);
    }

    [Fact]
    public async Task One_that_grew_old_is_made_anew()
    {
        await using ShadowPool<Clones> pool = Pool(
            Machine.Hostile,
            new ShadowPoolOptions
            {
                Warm = 1,
                OldestWarm = TimeSpan.FromSeconds(1),
                FirstPause = TimeSpan.FromMilliseconds(200),
            }
        );
        await UntilAsync(() => pool.Status.Started >= 2);
    }

    [Fact]
    public async Task A_start_that_fails_is_named_and_tried_again_after_longer_and_longer()
    {
        await using ShadowPool<Clones> pool = Pool(
            Machine.Hostile with
            {
                Command = ["/bin/false"],
            },
            new ShadowPoolOptions { FirstPause = TimeSpan.FromSeconds(5) }
        );
        SandboxException wrong = await Assert.ThrowsAsync<SandboxException>(() =>
            pool.TakeAsync(TestContext.Current.CancellationToken)
        );
        Assert.Equal(SandboxFailures.Ended, wrong.Reason);
        await Assert.ThrowsAsync<SandboxException>(() => pool.TakeAsync(TestContext.Current.CancellationToken));
        Assert.Equal(new ShadowPoolStatus(0, 0, 1, SandboxFailures.Ended), pool.Status);
    }

    [Fact]
    public async Task Without_clones_there_is_no_shadow()
    {
        await using var pool = new ShadowPool<Clones>(
            machine.Sandboxes,
            Machine.Hostile,
            new ShadowPoolOptions(),
            _ => throw new TimeoutException("the source is down"),
            NullLogger.Instance
        );
        SandboxException wrong = await Assert.ThrowsAsync<SandboxException>(() =>
            pool.TakeAsync(TestContext.Current.CancellationToken)
        );
        Assert.Equal(SandboxFailures.Clones, wrong.Reason);
    }

    private ShadowPool<Clones> Pool(SandboxSpec spec, ShadowPoolOptions options) =>
        new(
            machine.Sandboxes,
            spec,
            options,
            _ =>
            {
                var clones = new Clones($"clone {_clones.Count}");
                _clones.Add(clones);
                return Task.FromResult(
                    new Attachment<Clones>(clones, new Dictionary<string, string> { ["CLONE"] = clones.Name }, [])
                );
            },
            NullLogger.Instance
        );

    private static void Kill(int process)
    {
        try
        {
            using var started = Process.GetProcessById(process);
            started.Kill();
        }
        catch (ArgumentException)
        {
            // It went with another.
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    internal sealed class Clones(string name) : IAsyncDisposable
    {
        public string Name => name;

        public int Ends { get; private set; }

        public ValueTask DisposeAsync()
        {
            Ends++;
            return ValueTask.CompletedTask;
        }
    }
}
