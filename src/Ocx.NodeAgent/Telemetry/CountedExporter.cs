using System.Runtime.CompilerServices;
using OpenTelemetry;

namespace Ocx.NodeAgent.Telemetry;

/// <summary>An exporter behind which it is counted what the receiver took and what it did not.</summary>
internal sealed class CountedExporter<T>(BaseExporter<T> exporter, ExportCounts counts) : BaseExporter<T>
    where T : class
{
    /// <inheritdoc/>
    public override ExportResult Export(in Batch<T> batch)
    {
        // The exporter asks its provider for the resource, and the SDK tells only the outer one of the provider.
        if (exporter.ParentProvider is null)
        {
            SetParentProvider(exporter, ParentProvider);
        }
        long count = batch.Count;
        ExportResult result = exporter.Export(batch);
        counts.Ended(count, result == ExportResult.Success);
        return result;
    }

    /// <inheritdoc/>
    protected override bool OnForceFlush(int timeoutMilliseconds) => exporter.ForceFlush(timeoutMilliseconds);

    /// <inheritdoc/>
    protected override bool OnShutdown(int timeoutMilliseconds) => exporter.Shutdown(timeoutMilliseconds);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            exporter.Dispose();
        }
        base.Dispose(disposing);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_ParentProvider")]
    private static extern void SetParentProvider(BaseExporter<T> of, BaseProvider? provider);
}
