using System.Globalization;
using Ocx.Api;
using Ocx.Mcp.Records;
using Ocx.Mcp.Tcp;
using Ocx.Text;

namespace Ocx.NodeAgent.Findings;

/// <summary>
/// Which MCP server a finding is about: the workload and the port where the workload is known, so that its replicas,
/// and its pods after a restart, are the same server; else the address.
/// </summary>
internal readonly record struct ServerKey(string Namespace, string Workload, IpEndpoint End)
{
    /// <summary>The server of a call.</summary>
    public static ServerKey Of(CallRecord call) =>
        call.ServerIdentity is { Workload.Length: > 0 } known
            ? new(known.Namespace, known.Workload, new IpEndpoint(0, call.Server.Port))
            : new(string.Empty, string.Empty, call.Server);

    /// <summary><c>namespace/deployment/name:8080</c> or <c>10.0.0.2:8080</c>.</summary>
    public override string ToString() =>
        Workload.Length == 0
            ? End.ToString()
            : WireText.Escape(
                string.Create(CultureInfo.InvariantCulture, $"{Namespace}/{Workload}:{End.Port}"),
                Finding.LongestServer
            );
}
