using System.Buffers.Text;

namespace Ocx.Mcp.Http;

/// <summary>
/// Knows the next head of a stream by the last one: on a connection that is kept they repeat, but for the value of
/// Content-Length. Of the bytes only hashes are kept, since a credential may be among them.
/// </summary>
internal sealed class RepeatedHead
{
    // A stream whose heads never repeat is not learned again with each.
    private const int Patience = 8;

    private HeadHash _before;
    private HeadHash _behind;
    private int _lengthOfBefore;
    private int _lengthOfBehind;
    private bool _isKnown;
    private bool _hasDigits;
    private int _misses;

    /// <summary>True when the input begins with the head that was learned.</summary>
    /// <param name="input">A head, perhaps, and what follows it.</param>
    /// <param name="length">The head's bytes.</param>
    /// <param name="contentLength">Its Content-Length; -1 when it is that of the head that was learned.</param>
    public bool Begins(ReadOnlySpan<byte> input, out int length, out long contentLength)
    {
        (length, contentLength) = (0, -1);
        if (
            !_isKnown
            || input.Length < _lengthOfBefore + _lengthOfBehind
            || HeadHash.Of(input[.._lengthOfBefore]) != _before
        )
        {
            return false;
        }

        int digits = 0;
        if (_hasDigits)
        {
            ReadOnlySpan<byte> number = input[_lengthOfBefore..];
            if (
                number[0] is < (byte)'0' or > (byte)'9'
                || !Utf8Parser.TryParse(number, out contentLength, out digits)
                || number.Length < digits + _lengthOfBehind
                || HeadHash.Of(number.Slice(digits, _lengthOfBehind)) != _behind
            )
            {
                return false;
            }
        }

        length = _lengthOfBefore + digits + _lengthOfBehind;
        _misses = 0;
        return true;
    }

    /// <summary>A head was read.</summary>
    /// <param name="bytes">All of it.</param>
    /// <param name="head">What it says.</param>
    public void Learn(ReadOnlySpan<byte> bytes, HttpHead head)
    {
        _misses++;
        _isKnown = bytes.Length <= HeadHash.Longest && (_misses < Patience || _misses % Patience == 0);
        if (!_isKnown)
        {
            return;
        }

        ReadOnlySpan<byte> behind = bytes[Math.Max(0, head.LengthFieldAt)..];
        int digits = behind.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        _hasDigits = head.LengthFieldAt > 0 && digits > 0 && behind[digits] is (byte)'\r' or (byte)'\n';
        behind = _hasDigits ? behind[digits..] : [];
        _lengthOfBefore = _hasDigits ? head.LengthFieldAt : bytes.Length;
        _lengthOfBehind = behind.Length;
        (_before, _behind) = (HeadHash.Of(bytes[.._lengthOfBefore]), HeadHash.Of(behind));
    }

    /// <summary>What was learned is not what the head says any more.</summary>
    public void Forget() => _isKnown = false;
}
