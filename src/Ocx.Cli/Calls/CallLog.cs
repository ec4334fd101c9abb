using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Ocx.Mcp.Records;

namespace Ocx.Cli.Calls;

/// <summary>The lines of an agent's output or log. None of them need be trusted.</summary>
internal static class CallLog
{
    /// <summary>The longest line that is read, in bytes. An agent's has some 20 KiB.</summary>
    public const int LongestLine = 1 << 20;

    private const int ReadSize = 64 << 10;

    /// <summary>Each line, as it comes; one that is too long is skipped.</summary>
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadLinesAsync(
        Stream stream,
        SkippedLines skipped,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        PipeReader reader = PipeReader.Create(
            stream,
            new StreamPipeReaderOptions(bufferSize: ReadSize, leaveOpen: true)
        );
        try
        {
            bool tooLong = false;
            while (true)
            {
                ReadResult read = await reader.ReadAsync(cancellation).ConfigureAwait(false);
                ReadOnlySequence<byte> rest = read.Buffer;
                while (rest.PositionOf((byte)'\n') is { } end)
                {
                    ReadOnlySequence<byte> line = rest.Slice(0, end);
                    if (tooLong || line.Length > LongestLine)
                    {
                        skipped.Add();
                    }
                    else
                    {
                        yield return line.ToArray();
                    }

                    tooLong = false;
                    rest = rest.Slice(rest.GetPosition(1, end));
                }

                if (rest.Length > LongestLine)
                {
                    tooLong = true;
                    rest = rest.Slice(rest.End);
                }

                if (read.IsCompleted)
                {
                    if (tooLong)
                    {
                        skipped.Add();
                    }
                    else if (!rest.IsEmpty)
                    {
                        yield return rest.ToArray();
                    }

                    break;
                }

                reader.AdvanceTo(rest.Start, rest.End);
            }
        }
        finally
        {
            await reader.CompleteAsync().ConfigureAwait(false);
        }
    }

    /// <summary>
    /// The calls among the lines. What is neither a call nor a line of the agent's own log is skipped.
    /// </summary>
    public static async IAsyncEnumerable<RecordedCall> ReadAsync(
        Stream stream,
        SkippedLines skipped,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        await foreach (ReadOnlyMemory<byte> line in ReadLinesAsync(stream, skipped, cancellation).ConfigureAwait(false))
        {
            if (Read(line, skipped) is { } call)
            {
                yield return call;
            }
        }
    }

    /// <summary>The call in a line; null where there is none.</summary>
    public static RecordedCall? Read(ReadOnlyMemory<byte> line, SkippedLines skipped)
    {
        if (IsAgentsOwn(line.Span))
        {
            return null;
        }

        if (RecordedCall.TryRead(line, out RecordedCall? call))
        {
            return call;
        }

        skipped.Add();
        return null;
    }

    // An agent logs text, or JSON that begins with the time of the event.
    private static bool IsAgentsOwn(ReadOnlySpan<byte> line) =>
        !line.StartsWith("{"u8) || line.StartsWith("{\"@t\":"u8);
}
