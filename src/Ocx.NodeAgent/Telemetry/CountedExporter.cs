using OpenTelemetry;

namespace Ocx.NodeAgent.Telemetry;

/// <summary>An exporter behind which it is counted what the receiver took and what it did not.</summary>
internal sealed class CountedExporter<T>(BaseExporter<T> exporter, ExportCounts counts) : BaseExporter<T>
    where T : class
{
    /// <inheritdoc/>
    public override ExportResult Export(in Batch<T> batch)
    {
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
}
