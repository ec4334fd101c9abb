using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;
using k8s;
using k8s.Models;

namespace Ocx.Kube;

/// <summary>
/// Reads the lines of a watch, each of them one change. What is held of a line is bounded, whatever the server sends.
/// </summary>
internal static class WatchStream
{
    /// <summary>The longest line, in bytes. An API server takes no request of more than 3 MiB.</summary>
    public const int LongestLine = 4 << 20;

    /// <summary>
    /// The changes, until the server closes the stream. A last line that was cut off is left out: the next watch brings
    /// it again.
    /// </summary>
    /// <param name="stream">The body of the answer.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="ApiException">The server ended the watch, with 410 for example.</exception>
    /// <exception cref="InvalidDataException">
    /// A line is no change, or too long: what it told is not known, so a list has to follow.
    /// </exception>
    public static async IAsyncEnumerable<ReadObject<T>> ReadAsync<T>(
        Stream stream,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
        where T : IKubernetesObject<V1ObjectMeta>
    {
        var reader = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 64 << 10, leaveOpen: true));
        try
        {
            while (true)
            {
                var read = await reader.ReadAsync(cancellationToken);
                var rest = read.Buffer;
                while (TryTakeLine(ref rest, out var line))
                {
                    if (Change<T>(line) is { } change)
                    {
                        yield return change;
                    }
                }

                if (rest.Length > LongestLine)
                {
                    throw new InvalidDataException($"A line of the watch is longer than {LongestLine} bytes.");
                }

                if (read.IsCompleted)
                {
                    yield break;
                }

                reader.AdvanceTo(rest.Start, rest.End);
            }
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }

    private static bool TryTakeLine(ref ReadOnlySequence<byte> rest, out ReadOnlySequence<byte> line)
    {
        if (rest.PositionOf((byte)'\n') is not { } end)
        {
            line = default;
            return false;
        }

        line = rest.Slice(0, end);
        rest = rest.Slice(rest.GetPosition(1, end));
        return true;
    }

    private static ReadObject<T>? Change<T>(ReadOnlySequence<byte> line)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        if (line.IsEmpty)
        {
            return null;
        }

        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(line);
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"A line of the watch is no JSON. {exception.Message}", exception);
        }

        using (document)
        {
            var root = document.RootElement;
            if (
                root.ValueKind != JsonValueKind.Object
                || !root.TryGetProperty("type", out var type)
                || type.ValueKind != JsonValueKind.String
                || !root.TryGetProperty("object", out var json)
            )
            {
                throw new InvalidDataException("A line of the watch has no type or no object.");
            }

            return type.GetString() switch
            {
                "ERROR" => throw new ApiException(KubernetesJson.Deserialize<V1Status>(json)),
                var change => ReadObject<T>.From(change!, json),
            };
        }
    }
}
