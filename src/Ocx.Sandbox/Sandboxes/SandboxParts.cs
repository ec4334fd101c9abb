using System.Diagnostics;
using Ocx.Netfilter;
using Ocx.Sandbox.Bundles;
using Ocx.Sandbox.Events;
using Ocx.Sandbox.Failures;
using Ocx.Sandbox.Files;
using Ocx.Sandbox.Limits;
using Ocx.Sandbox.Networks;

namespace Ocx.Sandbox.Sandboxes;

/// <summary>
/// All that belongs to one sandbox, from its start to its end. It ends as a whole, however far it came.
/// </summary>
internal sealed class SandboxParts : IAsyncDisposable
{
    // What a server may say in all: its list of tools, its answer, its notifications.
    private const long MostBytes = 16L << 20;

    private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(20);

    private readonly SandboxSpec _spec;
    private readonly string _folder;
    private readonly ByteBudget _budget = new(MostBytes);
    private readonly List<CloneForwarder> _forwarders = [];
    private readonly List<McpSession> _sessions = [];
    private readonly SemaphoreSlim _disposing = new(1);
    private NetworkNamespace? _network;
    private FileChanges? _files;
    private bool _isDisposed;

    private SandboxParts(
        SandboxSpec spec,
        string folder,
        ControlGroup group,
        TraceSocket events,
        SandboxProcess process
    )
    {
        _spec = spec;
        _folder = folder;
        Group = group;
        Events = events;
        Process = process;
    }

    /// <summary>What it may use.</summary>
    public ControlGroup Group { get; }

    /// <summary>What gVisor tells of it.</summary>
    public TraceSocket Events { get; }

    /// <summary>Its processes.</summary>
    public SandboxProcess Process { get; }

    /// <summary>What is written in it.</summary>
    public FileChanges Files => _files ?? throw new InvalidOperationException("the sandbox is not ready");

    /// <summary>The session that was begun at its start.</summary>
    public McpSession Session => _sessions[0];

    /// <summary>Has runsc started in namespaces of its own.</summary>
    /// <param name="folder">An empty folder, which is removed with the sandbox.</param>
    /// <param name="id">The sandbox's name among all of the machine.</param>
    /// <param name="spec">What runs.</param>
    /// <param name="options">With what.</param>
    public static SandboxParts Start(string folder, string id, SandboxSpec spec, SandboxOptions options)
    {
        var group = ControlGroup.Create(id, spec.Limits);
        TraceSocket? events = null;
        try
        {
            Bundle.Write(folder, spec, [.. options.Hidden, options.StateFolder], group.Folders);
            events = TraceSocket.Listen(Path.Combine(folder, Bundle.EventSocket));
            return new SandboxParts(spec, folder, group, events, SandboxProcess.Start(folder, spec, options));
        }
        catch
        {
            events?.Dispose();
            group.Remove();
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    /// <summary>Waits until the server answers.</summary>
    /// <param name="forwards">What leads to clones; it is there before the server starts.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="SandboxException">It does not, or not in time.</exception>
    public async Task PrepareAsync(IReadOnlyList<CloneForward> forwards, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(_spec.StartTimeout);
        try
        {
            await Process.ReadyAsync(limit.Token);
            _network = NetworkNamespace.Open($"/proc/{Process.Id}/ns/net");
            string upper = $"/proc/{Process.Id}/root{_folder}/{Bundle.Written}";
            _files = new FileChanges(
                FileStat.OpenFolder(upper)
                    ?? throw new SandboxException(SandboxFailures.Setup, "what is written cannot be seen"),
                _spec.Root
            );
            foreach (CloneForward forward in forwards)
            {
                _forwarders.Add(CloneForwarder.Listen(_network, forward));
            }

            await Process.GoAsync(limit.Token);
            _sessions.Add(await FirstSessionAsync(limit.Token));
        }
        catch (OperationCanceledException wrong) when (!cancellation.IsCancellationRequested)
        {
            throw new SandboxException(
                SandboxFailures.NoAnswer,
                $"the server did not answer within {_spec.StartTimeout.TotalSeconds} s: {Process.Said()}",
                wrong
            );
        }
        catch (Exception wrong) when (wrong is IOException or NetfilterException or System.Net.Sockets.SocketException)
        {
            throw new SandboxException(SandboxFailures.Setup, $"{wrong.Message}: {Process.Said()}", wrong);
        }
    }

    /// <summary>A session of a revision: the one that is there, or another.</summary>
    /// <exception cref="SandboxException">The server does not speak it.</exception>
    public async Task<McpSession> SessionOfAsync(string? revision, TimeSpan limit, CancellationToken cancellation)
    {
        if (revision is null || revision == Session.Revision)
        {
            return Session;
        }

        if (_spec.Endpoint is null)
        {
            throw new SandboxException(SandboxFailures.Revision, "a server on standard streams has one session");
        }

        try
        {
            _sessions.Add(await OpenAsync(revision, limit, cancellation));
            return _sessions[^1];
        }
        catch (Exception wrong) when (wrong is not OperationCanceledException && !Process.Ended.IsCompleted)
        {
            throw new SandboxException(SandboxFailures.Revision, wrong.GetBaseException().Message, wrong);
        }
    }

    /// <summary>Ends all its processes. What was written can still be looked at.</summary>
    public async Task EndAsync()
    {
        await Process.KillAsync();
        Group.EndAll();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _disposing.WaitAsync();
        try
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            // First: a session that says good-bye to a server that hangs would wait for it.
            await EndAsync();
            foreach (McpSession session in _sessions)
            {
                await session.DisposeAsync();
            }

            foreach (CloneForwarder forwarder in _forwarders)
            {
                await forwarder.DisposeAsync();
            }

            await Process.DisposeAsync();
            Events.Dispose();
            _files?.Dispose();
            _network?.Dispose();
            Group.Remove();
            Directory.Delete(_folder, recursive: true);
        }
        finally
        {
            _disposing.Release();
        }
    }

    private async Task<McpSession> FirstSessionAsync(CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            if (Process.Ended.IsCompleted)
            {
                throw new SandboxException(SandboxFailures.Ended, $"the server ended: {Process.Said()}");
            }

            if (_spec.Endpoint is null || await SandboxHttp.IsOpenAsync(_network!, _spec.Endpoint.Port, cancellation))
            {
                try
                {
                    return await OpenAsync(
                        _spec.Revision,
                        _spec.StartTimeout - Stopwatch.GetElapsedTime(start),
                        cancellation
                    );
                }
#pragma warning disable CA1031 // It may be too early; what was wrong to the last is told by the time limit.
                catch (Exception) when (!cancellation.IsCancellationRequested && _spec.Endpoint is not null)
#pragma warning restore CA1031
                {
                    // Once more.
                }
                catch (Exception wrong) when (wrong is not (OperationCanceledException or SandboxException))
                {
                    throw new SandboxException(
                        Process.Ended.IsCompleted ? SandboxFailures.Ended : SandboxFailures.NoAnswer,
                        $"{wrong.GetBaseException().Message}: {Process.Said()}",
                        wrong
                    );
                }
            }

            await Task.WhenAny(Process.Ended, Task.Delay(s_step, cancellation));
            cancellation.ThrowIfCancellationRequested();
        }
    }

    private Task<McpSession> OpenAsync(string? revision, TimeSpan limit, CancellationToken cancellation) =>
        _spec.Endpoint is { } endpoint
            ? McpSession.OverHttpAsync(_network!, endpoint, _budget, revision, limit, cancellation)
            : McpSession.OverStreamsAsync(
                Process.Input,
                new BoundedStream(Process.Output, _budget),
                revision,
                limit,
                cancellation
            );
}
