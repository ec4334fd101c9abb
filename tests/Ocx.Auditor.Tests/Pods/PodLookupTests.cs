using System.Net;
using Ocx.Auditor.Audits;
using Ocx.Auditor.Pods;
using static Ocx.Auditor.Tests.Pods.PodObjects;

namespace Ocx.Auditor.Tests.Pods;

/// <summary>An address that is not known yet is waited for, once and for a bounded time.</summary>
public sealed class PodLookupTests : IDisposable
{
    private static readonly IPAddress s_address = IPAddress.Parse("10.0.0.1");

    private readonly PodIndex _index = new(TimeProvider.System);
    private readonly SteppedTime _time = new();
    private readonly PodLookup _lookup;

    public PodLookupTests() => _lookup = new PodLookup(_index, _time);

    public void Dispose() => _lookup.Dispose();

    [Fact]
    public void What_is_known_is_there_at_once()
    {
        _index.Set("shop/a", Pod("a", "n1", "10.0.0.1"));
        ValueTask<IReadOnlyList<ServerPod>> found = _lookup.AtAsync(s_address);
        Assert.True(found.IsCompletedSuccessfully);
        Assert.Equal(0, _time.Waiting);
    }

    [Fact]
    public async Task A_pod_that_comes_in_time_is_found_by_all_who_wait()
    {
        Task<IReadOnlyList<ServerPod>>[] waiting =
        [
            _lookup.AtAsync(s_address).AsTask(),
            _lookup.AtAsync(s_address).AsTask(),
        ];
        Assert.Equal(1, _time.Waiting);
        _time.Step(PodLookup.Patience - TimeSpan.FromTicks(1));
        Assert.All(waiting, one => Assert.False(one.IsCompleted));
        _index.Set("shop/a", Pod("a", "n1", "10.0.0.1"));
        Assert.All(await Task.WhenAll(waiting), pods => Assert.Equal("a", Assert.Single(pods).Name));
        Assert.Equal(0, _time.Waiting);
    }

    [Fact]
    public async Task An_address_that_stays_unknown_is_waited_for_once_in_a_while()
    {
        Task<IReadOnlyList<ServerPod>> first = _lookup.AtAsync(s_address).AsTask();
        _time.Step(PodLookup.Patience);
        Assert.Empty(await first);

        Assert.Empty(await _lookup.AtAsync(s_address)); // nothing goes off meanwhile
        Assert.Equal(0, _time.Waiting);
        _time.Step(PodLookup.Memory);
        Task<IReadOnlyList<ServerPod>> again = _lookup.AtAsync(s_address).AsTask();
        Assert.Equal(1, _time.Waiting);
        _index.Set("shop/a", Pod("a", "n1", "10.0.0.1"));
        Assert.Single(await again);
    }

    [Fact]
    public async Task A_pod_that_comes_later_is_found_at_once()
    {
        Task<IReadOnlyList<ServerPod>> first = _lookup.AtAsync(s_address).AsTask();
        _time.Step(PodLookup.Patience);
        Assert.Empty(await first);
        _index.Set("shop/a", Pod("a", "n1", "10.0.0.1"));
        Assert.Single(await _lookup.AtAsync(s_address));
    }

    [Fact]
    public async Task No_more_addresses_than_its_bound_are_waited_for()
    {
        var waiting = new List<Task<IReadOnlyList<ServerPod>>>();
        for (int i = 0; i < PodLookup.MostAddresses + 100; i++)
        {
            waiting.Add(_lookup.AtAsync(new IPAddress(0x0A000000 + i)).AsTask());
        }

        Assert.Equal(PodLookup.MostAddresses, _time.Waiting);
        Assert.Equal(100, waiting.Count(one => one.IsCompleted));
        _time.Step(PodLookup.Patience);
        await Task.WhenAll(waiting);
    }
}
