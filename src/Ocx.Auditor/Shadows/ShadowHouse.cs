using Ocx.Audit.Rehearsals;
using Ocx.Auditor.Jurors;
using Ocx.Auditor.Rehearsing;
using Ocx.Sandbox.Failures;
using Ocx.Sandbox.Sandboxes;
using Ocx.State.Clones;
using Ocx.State.Postgres;
using Ocx.State.Redis;

namespace Ocx.Auditor.Shadows;

/// <summary>
/// Where this machine's shadows are: a folder of clones, and one of sandboxes. What an auditor that was killed left
/// there is taken away when it is opened.
/// </summary>
internal sealed class ShadowHouse : IAsyncDisposable
{
    private readonly SandboxMachine _machine;
    private readonly CloneFolder _folder;
    private readonly IJurorSecrets _secrets;
    private readonly ILoggerFactory _logs;
    private readonly List<SandboxShadows> _shadows = [];

    private ShadowHouse(SandboxMachine machine, CloneFolder folder, IJurorSecrets secrets, ILoggerFactory logs) =>
        (_machine, _folder, _secrets, _logs) = (machine, folder, secrets, logs);

    /// <summary>Opens the folder.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="hidden">What of the auditor's own no sandbox may see.</param>
    /// <param name="secrets">Where the connection strings to the sources are.</param>
    /// <param name="logs">Where failures are told; it is this object's from now on.</param>
    /// <exception cref="IOException">
    /// The machine lacks something that sandboxes take, or the folder cannot be used; the message says what.
    /// </exception>
    public static async Task<ShadowHouse> OpenAsync(
        string path,
        IReadOnlyList<string> hidden,
        IJurorSecrets secrets,
        ILoggerFactory logs
    )
    {
        SandboxMachine machine;
        try
        {
            machine = SandboxMachine.Open(
                new SandboxOptions { StateFolder = Path.Combine(path, "sandboxes"), Hidden = [.. hidden, path] }
            );
        }
        catch (SandboxException wrong)
        {
            throw new IOException($"no call can be rehearsed here: {wrong.Reason}: {wrong.Message}", wrong);
        }

        try
        {
            return new ShadowHouse(machine, await CloneFolder.OpenAsync(Path.Combine(path, "clones")), secrets, logs);
        }
        catch
        {
            machine.Dispose();
            throw;
        }
    }

    /// <summary>Begins to make the shadows of an audit's server.</summary>
    /// <exception cref="ArgumentException">
    /// The secret of a source is not there, or of no use; the message says why.
    /// </exception>
    public IShadows Create(RehearsalTerms terms)
    {
        CloneMaker[] makers = [.. terms.State.Select(MakerOf)];
        var shadows = new SandboxShadows(terms, _machine, makers, _logs.CreateLogger<SandboxShadows>());
        _shadows.Add(shadows);
        return shadows;
    }

    /// <summary>Ends all of them.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (SandboxShadows shadows in _shadows)
        {
            shadows.Dispose();
        }

        await Task.WhenAll(_shadows.Select(shadows => shadows.Ended));
        _machine.Dispose();
        _folder.Dispose();
        _logs.Dispose();
    }

    private CloneMaker MakerOf(StateSource source)
    {
        string url = _secrets.Read(new JurorSecret(JurorSecret.Secret, source.Secret, source.SecretKey));
        var limits = new CloneLimits();
        return source.Kind == StateKind.Redis
            ? new RedisCloneMaker(SourceUrl.ReadRedis(source, url), _folder, limits)
            : new PostgresCloneMaker(SourceUrl.ReadPostgres(source, url), _folder, limits);
    }
}
