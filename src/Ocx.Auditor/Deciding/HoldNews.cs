using System.Buffers;
using System.Text.Json;
using Ocx.Audit.Approvals;
using Ocx.Auditor.Watching;
using Ocx.Text;

namespace Ocx.Auditor.Deciding;

/// <summary>Tells those who watch of calls that wait for a person while a gate holds them.</summary>
internal sealed class HoldNews(Feed feed)
{
    /// <summary>A call begins to wait, or waits no more.</summary>
    /// <param name="notice">Makes what is told, when there is anybody to tell.</param>
    public void Tell(Func<HoldNotice> notice)
    {
        if (!feed.IsWatched)
        {
            return;
        }

        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, WireJson.WriterOptions))
        {
            notice().Write(json);
        }

        feed.Publish(buffer.WrittenSpan.ToArray());
    }
}
