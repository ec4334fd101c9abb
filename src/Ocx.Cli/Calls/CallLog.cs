using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Ocx.Cli.Calls;

/// <summary>The lines of an agent's output or log.</summary>
internal static class CallLog
{
    // An agent's line has some 20 KiB at most. What is longer is no line of an agent's.
    private const int LongestLine = 1 << 20;

    /// <summary>Each line, as it comes; one that is longer than any call's is passed over.</summary>
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadLinesAsync(Stream stream, [EnumeratorCancellation] CancellationToken cancellation)
    {
        PipeReader reader = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));
        bool tooLong = false;
        while (true)
        {
            ReadResult read = await reader.ReadAsync(cancellation).ConfigureAwait(false);
            ReadOnlySequence<byte> rest = read.Buffer;
            while (rest.PositionOf((byte)'\n') is { } end)
            {
                if (!tooLong)
                {
                    yield return rest.Slice(0, end).ToArray();
                }

                tooLong = false;
                rest = rest.Slice(rest.GetPosition(1, end));
            }

            if (read.IsCompleted)
            {
                if (!tooLong && !rest.IsEmpty)
                {
                    yield return rest.ToArray();
                }

                break;
            }

            if (rest.Length > LongestLine)
            {
                tooLong = true;
                rest = rest.Slice(rest.End);
            }

            reader.AdvanceTo(rest.Start, rest.End);
        }

        await reader.CompleteAsync().ConfigureAwait(false);
    }

    /// <summary>The calls among the lines; the rest is the agent's own log.</summary>
    public static async IAsyncEnumerable<Call> ReadAsync(Stream stream, string tap, string node, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (ReadOnlyMemory<byte> line in ReadLinesAsync(stream, cancellation).ConfigureAwait(false))
        {
            if (Call.TryParse(line, tap, node) is { } call)
            {
                yield return call;
            }
        }
    }
}
