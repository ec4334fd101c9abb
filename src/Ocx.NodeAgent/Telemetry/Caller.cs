using Ocx.Mcp.Records;
using Ocx.NodeProgram;

namespace Ocx.NodeAgent.Telemetry;

/// <summary>
/// Who makes calls, in metrics: a workload where it is known, else an address, which may be one of many of a workload
/// elsewhere.
/// </summary>
/// <param name="Namespace">The namespace of the client's pod.</param>
/// <param name="Workload">What the client's pod belongs to.</param>
/// <param name="Address">The client's address; empty when the workload is known.</param>
internal readonly record struct Caller(string Namespace, string Workload, string Address)
{
    /// <summary>All for whom there is no series.</summary>
    public static Caller Overflow { get; } = new(string.Empty, string.Empty, Operation.Other);

    /// <summary>Who made the call.</summary>
    public static Caller Of(CallRecord call) =>
        call.ClientIdentity is { Workload.Length: > 0 } known
            ? new(Labels.Cut(known.Namespace), Labels.Cut(known.Workload), string.Empty)
            : new(string.Empty, string.Empty, call.Client.ToIPAddress().ToString());

    /// <summary>The labels.</summary>
    public Labels ToLabels() =>
        new Labels().Add("client_namespace", Namespace).Add("client_workload", Workload).Add("client_address", Address);
}
