namespace Ocx.Gate.Http;

/// <summary>How rewriting a piece ended.</summary>
internal enum RewriteResult
{
    /// <summary>All of it belongs to what is rewritten, and more of that follows.</summary>
    Continue,

    /// <summary>The response or event ended in it: what follows is untouched.</summary>
    Done,

    /// <summary>No error fits in that the peer's parser would take: the connection is to be closed.</summary>
    Impossible,
}

/// <summary>
/// Overwrites a response, or one event of a stream, in place and at the same length, so that its reader finds a
/// JSON-RPC error and blanks. It is fed the bytes in order, from its snapshot's offset on, in pieces of any size.
/// </summary>
/// <remarks>
/// A response: its status and framing stay, fields that would make the new body wrong get another name, the whole body
/// is overwritten. One that is an event stream becomes one event and empty lines. An event: its lines stay, and the
/// values of its data are overwritten. The longest form of the error is taken that surely has room.
/// </remarks>
internal sealed class AnswerRewriter
{
    private readonly ErrorForms _forms;
    private AnswerWalk _walk;
    private AnswerWalk _ahead;
    private RoomPlan? _plan;
    private RoomPlan.Layout? _chosen;
    private long _written;
    private long _surveyed;
    private long _room;
    private bool _endIsSeen;
    private bool _isImpossible;
    private bool _isDone;

    /// <summary>Begins before the first byte.</summary>
    /// <param name="from">Where: <see cref="ResponseFollower.AtResponse"/> or <c>AtEvent</c>.</param>
    /// <param name="forms">The error, in the forms that may be written.</param>
    public AnswerRewriter(in ResponseSnapshot from, ErrorForms forms)
    {
        _forms = forms;
        _walk = _ahead = new AnswerWalk(from);
    }

    /// <summary>
    /// Looks at bytes that are held, in order from the first one on, before any of them is rewritten: so the longest
    /// form is found that has room in all of them. What was not looked at is looked at when it is rewritten, each piece
    /// by itself.
    /// </summary>
    /// <returns>
    /// <see cref="RewriteResult.Done"/> when more bytes cannot change what is written,
    /// <see cref="RewriteResult.Impossible"/> when no form has room, <see cref="RewriteResult.Continue"/> when more
    /// bytes may bring room for one, or for a longer one.
    /// </returns>
    public RewriteResult Survey(ReadOnlySpan<byte> held)
    {
        _surveyed += held.Length;
        while (!_isImpossible && !_endIsSeen && (!held.IsEmpty || _ahead.IsComplete))
        {
            AnswerPart part = _ahead.Take(held, out int taken);
            held = held[taken..];
            switch (part)
            {
                case AnswerPart.Room:
                    Plan.Extend(taken);
                    break;
                case AnswerPart.Break:
                    Plan.Break();
                    break;
                case AnswerPart.Done:
                    _endIsSeen = true;
                    break;
                case AnswerPart.Impossible:
                    _isImpossible = true;
                    break;
            }
        }

        if (_chosen is not null)
        {
            return RewriteResult.Done;
        }

        bool isAll = _endIsSeen || _ahead.IsAllPromised;
        _isImpossible |= isAll && !Plan.Fits(_ahead.Promised);
        return _isImpossible ? RewriteResult.Impossible
            : isAll || (_ahead.InBody && Plan.FitsFirst(_ahead.Promised)) ? RewriteResult.Done
            : RewriteResult.Continue;
    }

    /// <summary>
    /// Overwrites the next bytes. Where nothing fits, and that is seen in them or was before, they stay as they are.
    /// </summary>
    /// <param name="piece">The bytes; those that do not belong to the response or event stay as they are.</param>
    /// <param name="consumed">How many of them belong to it.</param>
    public RewriteResult Rewrite(Span<byte> piece, out int consumed)
    {
        consumed = 0;
        if (_isDone)
        {
            return RewriteResult.Done;
        }

        if (!TryChoose(piece))
        {
            return RewriteResult.Impossible;
        }

        while (consumed < piece.Length || _walk.IsComplete)
        {
            AnswerPart part = _walk.Take(piece[consumed..], out int taken);
            Span<byte> bytes = piece.Slice(consumed, taken);
            consumed += taken;
            _written += taken;
            switch (part)
            {
                case AnswerPart.Room:
                    Write(bytes);
                    break;
                case AnswerPart.Renamed:
                    bytes[^1] = (byte)'x';
                    break;
                case AnswerPart.Done when _chosen is { IsWritten: true }:
                    _isDone = true;
                    return RewriteResult.Done;
                case AnswerPart.Done or AnswerPart.Impossible:
                    _isImpossible = true;
                    return RewriteResult.Impossible;
            }
        }

        if (_chosen is null)
        {
            // These bytes are blank now, and the room in them is lost.
            _plan?.Reset();
            (_ahead, _surveyed, _room) = (_walk, _written, 0);
        }

        return RewriteResult.Continue;
    }

    /// <summary>
    /// The server ended its stream: <see cref="RewriteResult.Done"/> when that completes a body that has the error.
    /// </summary>
    public RewriteResult Close() =>
        _walk.LastsUntilClose && _chosen is { IsWritten: true } ? RewriteResult.Done : RewriteResult.Impossible;

    // Made behind the head, which says what it is. A stream that is rewritten as a whole becomes the error's event, and
    // empty lines.
    private RoomPlan Plan =>
        _plan ??= new RoomPlan(
            _ahead.Scope == AnswerScope.Stream
                ? _forms.Texts.Select(text => (byte[])[.. "data: "u8, .. text, .. "\n\n"u8])
                : _forms.Texts
        );

    // False when it is impossible. Else there may be nothing chosen yet.
    private bool TryChoose(ReadOnlySpan<byte> piece)
    {
        if (_chosen is null && !_isImpossible)
        {
            int ahead = (int)Math.Min(piece.Length, _surveyed - _written);
            Survey(piece[ahead..]);
            _chosen = _isImpossible || !_ahead.InBody ? null : Plan.Choose(_ahead.Promised);
        }

        return !_isImpossible;
    }

    private void Write(Span<byte> room)
    {
        room.Fill(_walk.Scope == AnswerScope.Stream ? (byte)'\n' : (byte)' ');
        _chosen?.Write(room, _room);
        _room += room.Length;
    }
}
