using Ocx.Mcp.Buffers;

namespace Ocx.Mcp.Http;

/// <summary>
/// Undoes the codings of a body as it arrives, one after the other. Only what came over the wire allows for work: what
/// one coding makes for the next does not, so that two bombs in a row make no more of it than one.
/// </summary>
internal sealed class BodyDecoder : IDisposable
{
    private readonly DecodeAllowance _allowance;
    private readonly ContentDecoder _last;
    private readonly BodyDecoder? _before;
    private readonly DecodedSink? _toBefore;
    private DecodedSink? _sink;
    private DecodeResult _ofBefore;

    public BodyDecoder(ContentCodings codings, DecodeAllowance allowance, MemoryBudget memory)
    {
        _allowance = allowance;
        _last = new ContentDecoder(codings.Last, allowance, memory);
        if (!codings.BeforeLast.IsEmpty)
        {
            _before = new BodyDecoder(codings.BeforeLast, allowance, memory);
            _toBefore = ToBefore;
        }
    }

    /// <summary>
    /// Decodes the next bytes of the wire. After anything but <see cref="DecodeResult.Decoded"/> no more can be
    /// decoded.
    /// </summary>
    public DecodeResult Decode(ReadOnlySpan<byte> coded, DecodedSink sink)
    {
        _allowance.Credit(coded.Length);
        return Undo(coded, sink);
    }

    public void Dispose()
    {
        _last.Dispose();
        _before?.Dispose();
    }

    private DecodeResult Undo(ReadOnlySpan<byte> coded, DecodedSink sink)
    {
        if (_before is null)
        {
            return _last.Decode(coded, sink);
        }

        (_sink, _ofBefore) = (sink, DecodeResult.Decoded);
        DecodeResult result = _last.Decode(coded, _toBefore!);
        return result == DecodeResult.Stopped ? _ofBefore : result;
    }

    private bool ToBefore(ReadOnlySpan<byte> piece)
    {
        _ofBefore = _before!.Undo(piece, _sink!);
        return _ofBefore == DecodeResult.Decoded;
    }
}
