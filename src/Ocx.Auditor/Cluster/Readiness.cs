using Ocx.Auditor.Pods;
using Ocx.Kube;

namespace Ocx.Auditor.Cluster;

/// <summary>Are the cluster's audits and pods known? Once they are, they stay so.</summary>
/// <param name="audits">The audits.</param>
/// <param name="pods">The pods.</param>
internal sealed class Readiness(AuditSource audits, Informer<PodObject> pods)
{
    /// <summary>All lists were read, and the audits judge.</summary>
    public bool IsReady => audits.Ready.IsCompletedSuccessfully && pods.Synced.IsCompletedSuccessfully;
}
