using System.Globalization;
using System.Net;
using Ocx.Kernel.Tests.Harness;
using Ocx.Kernel.Tests.Live;

namespace Ocx.Kernel.Tests.Gate;

/// <summary>
/// A server of the TypeScript SDK (<c>npm/gated-server.mjs</c>) in a namespace; it listens when this is constructed.
/// </summary>
internal sealed class TypeScriptServer : IDisposable
{
    private readonly NodeFolder _folder = new();
    private readonly LiveProcess _process;

    public TypeScriptServer(NetworkNamespace @namespace, IPEndPoint endpoint, string journal)
    {
        string port = endpoint.Port.ToString(CultureInfo.InvariantCulture);
        _process = new LiveProcess(
            @namespace,
            _folder.Path,
            _folder.Variables,
            "node",
            "gated-server.mjs",
            port,
            journal
        );
        _process.AwaitPort(endpoint.Port);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _process.Dispose();
        _folder.Dispose();
    }
}
