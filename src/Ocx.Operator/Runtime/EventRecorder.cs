using System.Net;
using k8s;
using k8s.Models;
using Ocx.Kube;
using Ocx.Operator.Telemetry;
using Ocx.Text;

namespace Ocx.Operator.Runtime;

/// <summary>
/// Writes Events on McpTaps and McpAudits. One that cannot be written is logged and let go: events are news, not state.
/// </summary>
internal sealed class EventRecorder(Kubernetes kubernetes, ILogger<EventRecorder> logger)
{
    // Where the API server wants the events of objects that are in no namespace.
    private const string OfCluster = "default";

    // The API server refuses more than 1024 bytes or characters, depending on its version.
    private const int LongestMessage = 1000;

    /// <summary>Records an event.</summary>
    /// <param name="about">The object.</param>
    /// <param name="type"><c>Normal</c> or <c>Warning</c>.</param>
    /// <param name="reason">One word in upper camel case.</param>
    /// <param name="message">A sentence.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <param name="suffix">
    /// Names the event: as long as it is kept it is not recorded again. Null records it in any case.
    /// </param>
    /// <returns>Ends when it is written.</returns>
    public async Task RecordAsync(
        IKubernetesObject<V1ObjectMeta> about,
        string type,
        string reason,
        string message,
        CancellationToken cancellationToken,
        string? suffix = null
    )
    {
        var now = DateTime.UtcNow;
        var place = string.IsNullOrEmpty(about.Namespace()) ? OfCluster : about.Namespace();
        var news = new Corev1Event
        {
            Metadata = suffix is null
                ? new V1ObjectMeta { GenerateName = about.Name() + ".", NamespaceProperty = place }
                : new V1ObjectMeta { Name = about.Name() + "." + suffix, NamespaceProperty = place },
            InvolvedObject = new V1ObjectReference
            {
                ApiVersion = about.ApiVersion,
                Kind = about.Kind,
                Name = about.Name(),
                NamespaceProperty = about.Namespace(),
                Uid = about.Uid(),
            },
            Type = type,
            Reason = reason,
            Message = WireText.Escape(message, LongestMessage),
            Source = new V1EventSource { Component = "ocx-operator" },
            ReportingComponent = "ocx.dev/operator",
            ReportingInstance = Environment.MachineName,
            FirstTimestamp = now,
            LastTimestamp = now,
            Count = 1,
        };
        try
        {
            await kubernetes.CoreV1.CreateNamespacedEventAsync(news, place, cancellationToken: cancellationToken);
        }
        catch (k8s.Autorest.HttpOperationException exception)
            when (suffix is not null && exception.Response.StatusCode == HttpStatusCode.Conflict)
        {
            // It was recorded before, perhaps by the operator that led then.
        }
        catch (Exception exception)
            when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            logger.EventNotRecorded(reason, exception.Shown());
        }
    }
}
