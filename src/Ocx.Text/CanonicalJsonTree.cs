using System.Buffers;
using System.Text.Json;

namespace Ocx.Text;

/// <summary>
/// One JSON value as a list of tokens in which the members of each object are linked in canonical order. A value that
/// could be read can be written.
/// </summary>
internal sealed class CanonicalJsonTree(int jsonLength) : IDisposable
{
    private const int None = -1;

    private static readonly JsonReaderOptions s_reader = new() { MaxDepth = WireJson.MaxDepth };

    // Strings without their escapes and numbers as they will be written. No string grows; a number may.
    private byte[] _text = ArrayPool<byte>.Shared.Rent(jsonLength + CanonicalJsonNumber.MaxLength);
    private int _textLength;

    private Node[] _nodes = ArrayPool<Node>.Shared.Rent(16);
    private int _count;

    private enum Kind : byte
    {
        Literal,
        String,
        Name,
        Array,
        Object,
    }

    /// <summary>Reads a value; once.</summary>
    /// <returns>False when it is none, or has no canonical form.</returns>
    public bool TryRead(ReadOnlySpan<byte> json)
    {
        try
        {
            return TryReadTokens(json);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return false; // no JSON; no UTF-8, or half a surrogate pair
        }
    }

    /// <summary>Writes the value that was read.</summary>
    public void Write(IBufferWriter<byte> to)
    {
        var output = new CanonicalJsonOutput(to);
        Write(0, ref output);
        output.Flush();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_text);
        ArrayPool<Node>.Shared.Return(_nodes);
        (_text, _nodes) = ([], []);
    }

    private bool TryReadTokens(ReadOnlySpan<byte> json)
    {
        Span<int> open = stackalloc int[WireJson.MaxDepth];
        int depth = 0;
        var reader = new Utf8JsonReader(json, s_reader);
        while (reader.Read())
        {
            int parent = depth == 0 ? None : open[depth - 1];
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject:
                    open[depth++] = Add(parent, Kind.Object);
                    break;
                case JsonTokenType.StartArray:
                    open[depth++] = Add(parent, Kind.Array);
                    break;
                case JsonTokenType.EndArray:
                    depth--;
                    break;
                case JsonTokenType.EndObject:
                    depth--;
                    if (_nodes[parent].Unsorted && !TrySort(parent))
                    {
                        return false;
                    }

                    break;
                case JsonTokenType.PropertyName:
                    if (!TryAddName(ref reader, parent))
                    {
                        return false;
                    }

                    break;
                case JsonTokenType.String:
                    Fill(Add(parent, Kind.String), Copy(ref reader));
                    break;
                case JsonTokenType.Number:
                    Span<byte> room = Room(CanonicalJsonNumber.MaxLength);
                    if (!CanonicalJsonNumber.TryFormat(reader.ValueSpan, room, out int length))
                    {
                        return false;
                    }

                    Fill(Add(parent, Kind.Literal), length);
                    break;
                default:
                    reader.ValueSpan.CopyTo(Room(reader.ValueSpan.Length));
                    Fill(Add(parent, Kind.Literal), reader.ValueSpan.Length);
                    break;
            }
        }

        return true;
    }

    // A member's value stands behind its name; elements and names are linked to the one before them.
    private int Add(int parent, Kind kind)
    {
        if (_count == _nodes.Length)
        {
            Node[] larger = ArrayPool<Node>.Shared.Rent(_count * 2);
            _nodes.AsSpan(0, _count).CopyTo(larger);
            ArrayPool<Node>.Shared.Return(_nodes);
            _nodes = larger;
        }

        int added = _count++;
        _nodes[added] = new Node
        {
            Kind = kind,
            First = None,
            Last = None,
            Next = None,
        };
        if (parent != None && (kind == Kind.Name || _nodes[parent].Kind == Kind.Array))
        {
            ref Node container = ref _nodes[parent];
            if (container.Last == None)
            {
                container.First = added;
            }
            else
            {
                _nodes[container.Last].Next = added;
            }

            container.Last = added;
            container.Members++;
        }

        return added;
    }

    private bool TryAddName(ref Utf8JsonReader reader, int parent)
    {
        int before = _nodes[parent].Last;
        int added = Add(parent, Kind.Name);
        Fill(added, Copy(ref reader));
        int order = before == None ? -1 : CanonicalJsonOrder.Compare(Text(before), Text(added));
        _nodes[parent].Unsorted |= order > 0;
        return order != 0;
    }

    private bool TrySort(int parent)
    {
        ref Node container = ref _nodes[parent];
        int[] rented = ArrayPool<int>.Shared.Rent(container.Members);
        try
        {
            Span<int> names = rented.AsSpan(0, container.Members);
            int filled = 0;
            for (int at = container.First; at != None; at = _nodes[at].Next)
            {
                names[filled++] = at;
            }

            names.Sort((a, b) => CanonicalJsonOrder.Compare(Text(a), Text(b)));
            container.First = names[0];
            for (int i = 1; i < names.Length; i++)
            {
                if (Text(names[i - 1]).SequenceEqual(Text(names[i])))
                {
                    return false;
                }

                _nodes[names[i - 1]].Next = names[i];
            }

            _nodes[names[^1]].Next = None;
            return true;
        }
        finally
        {
            ArrayPool<int>.Shared.Return(rented);
        }
    }

    private int Copy(ref Utf8JsonReader reader) => reader.CopyString(Room(reader.ValueSpan.Length));

    private Span<byte> Room(int length)
    {
        if (_text.Length - _textLength < length)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(_text.Length * 2, _textLength + length));
            _text.AsSpan(0, _textLength).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_text);
            _text = larger;
        }

        return _text.AsSpan(_textLength);
    }

    private void Fill(int node, int length)
    {
        _nodes[node].Start = _textLength;
        _nodes[node].Length = length;
        _textLength += length;
    }

    private ReadOnlySpan<byte> Text(int node) => _text.AsSpan(_nodes[node].Start, _nodes[node].Length);

    // Recursion is bounded by the depth that was read.
    private void Write(int node, ref CanonicalJsonOutput to)
    {
        ref Node value = ref _nodes[node];
        switch (value.Kind)
        {
            case Kind.Literal:
                to.Write(Text(node));
                break;
            case Kind.String:
                to.WriteString(Text(node));
                break;
            default:
                bool names = value.Kind == Kind.Object;
                to.Write(names ? (byte)'{' : (byte)'[');
                for (int at = value.First; at != None; at = _nodes[at].Next)
                {
                    if (at != value.First)
                    {
                        to.Write((byte)',');
                    }

                    if (names)
                    {
                        to.WriteString(Text(at));
                        to.Write((byte)':');
                    }

                    Write(names ? at + 1 : at, ref to);
                }

                to.Write(names ? (byte)'}' : (byte)']');
                break;
        }
    }

    private struct Node
    {
        public Kind Kind;
        public bool Unsorted;
        public int Start;
        public int Length;
        public int First;
        public int Last;
        public int Members;
        public int Next;
    }
}
