using System.Buffers;
using System.Text.Unicode;

namespace Ocx.Text;

/// <summary>
/// Goes through a text once and says whether it is canonical. What it says Yes to is what the writer would write: so it
/// knows one spelling of each token, and no space.
/// </summary>
internal ref struct CanonicalJsonCheck
{
    private static readonly SearchValues<byte> s_endsPlain = SearchValues.Create([
        .. Enumerable.Range(0, ' ').Select(code => (byte)code),
        (byte)'"',
        (byte)'\\',
    ]);

    private static readonly SearchValues<byte> s_inNumbers = SearchValues.Create("0123456789+-.e"u8);

    private readonly ReadOnlySpan<byte> _json;
    private readonly Span<CanonicalMember> _members; // of the outermost object
    private int _memberCount;
    private int _at;
    private bool _escapedName;

    private CanonicalJsonCheck(ReadOnlySpan<byte> json, Span<CanonicalMember> members)
    {
        _json = json;
        _members = members;
    }

    public enum Answer
    {
        No,
        Yes,

        /// <summary>A name has an escape: its order does not show in its bytes.</summary>
        Unknown,
    }

    public static Answer Look(ReadOnlySpan<byte> json, Span<CanonicalMember> members, out int count)
    {
        var check = new CanonicalJsonCheck(json, members);
        bool isCanonical = Utf8.IsValid(json) && check.Value(WireJson.MaxDepth) && check._at == json.Length;
        count = check._memberCount;
        return !isCanonical ? Answer.No
            : check._escapedName ? Answer.Unknown
            : Answer.Yes;
    }

    private bool Value(int depth) =>
        Next() switch
        {
            (byte)'{' => depth > 0 && Object(depth - 1),
            (byte)'[' => depth > 0 && Array(depth - 1),
            (byte)'"' => String(out _, out _),
            (byte)'t' => Take("true"u8),
            (byte)'f' => Take("false"u8),
            (byte)'n' => Take("null"u8),
            _ => Number(),
        };

    private bool Object(int depth)
    {
        _at++;
        if (Take((byte)'}'))
        {
            return true;
        }

        ReadOnlySpan<byte> before = default;
        for (bool first = true; ; first = false)
        {
            int start = _at;
            if (!String(out ReadOnlySpan<byte> name, out bool isEscaped) || !Take((byte)':'))
            {
                return false;
            }

            _escapedName |= isEscaped;
            if (!first && !_escapedName && CanonicalJsonOrder.Compare(before, name) >= 0)
            {
                return false;
            }

            before = name;
            int value = _at;
            if (!Value(depth))
            {
                return false;
            }

            if (depth == WireJson.MaxDepth - 1 && _memberCount++ < _members.Length)
            {
                _members[_memberCount - 1] = new CanonicalMember(start, value, _at);
            }

            if (!Take((byte)','))
            {
                return Take((byte)'}');
            }
        }
    }

    private bool Array(int depth)
    {
        _at++;
        if (Take((byte)']'))
        {
            return true;
        }

        while (Value(depth))
        {
            if (!Take((byte)','))
            {
                return Take((byte)']');
            }
        }

        return false;
    }

    private bool String(out ReadOnlySpan<byte> text, out bool isEscaped)
    {
        text = default;
        isEscaped = false;
        if (!Take((byte)'"'))
        {
            return false;
        }

        int start = _at;
        while (true)
        {
            int plain = _json[_at..].IndexOfAny(s_endsPlain);
            if (plain < 0)
            {
                return false;
            }

            _at += plain;
            if (_json[_at] == '"')
            {
                text = _json[start.._at++];
                return true;
            }

            isEscaped = true;
            if (!Escape())
            {
                return false;
            }
        }
    }

    // The one escape that a character has: a letter; four digits for a control character without a letter.
    private bool Escape()
    {
        ReadOnlySpan<byte> rest = _json[_at..];
        if (rest is [(byte)'\\', (byte)'u', (byte)'0', (byte)'0', (byte)'0' or (byte)'1', var low, ..])
        {
            int digit = "0123456789abcdef"u8.IndexOf(low);
            _at += 6;
            return digit >= 0 && CanonicalJsonOutput.ShortEscape((byte)(((rest[4] - '0') << 4) | digit)) == 0;
        }

        _at += 2;
        return rest
            is [
                (byte)'\\',
                (byte)'"'
                or (byte)'\\'
                or (byte)'b'
                or (byte)'f'
                or (byte)'n'
                or (byte)'r'
                or (byte)'t',
                ..,
            ];
    }

    private bool Number()
    {
        const int Exact = 15; // integers of that many digits are written as they are
        ReadOnlySpan<byte> rest = _json[_at..];
        int digits = rest.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        digits = digits < 0 ? rest.Length : digits;
        bool isInteger = digits == rest.Length || rest[digits] is (byte)',' or (byte)'}' or (byte)']';
        if (isInteger && digits is > 0 and <= Exact && (rest[0] != '0' || digits == 1))
        {
            _at += digits;
            return true;
        }

        int length = rest.IndexOfAnyExcept(s_inNumbers);
        length = length < 0 ? rest.Length : length;
        Span<byte> written = stackalloc byte[CanonicalJsonNumber.MaxLength];
        _at += length;
        return length is > 0 and <= CanonicalJsonNumber.MaxLength
            && CanonicalJsonNumber.TryFormat(rest[..length], written, out int writtenLength)
            && rest[..length].SequenceEqual(written[..writtenLength]);
    }

    private readonly byte Next() => _at < _json.Length ? _json[_at] : (byte)0;

    private bool Take(byte expected)
    {
        if (Next() != expected)
        {
            return false;
        }

        _at++;
        return true;
    }

    private bool Take(ReadOnlySpan<byte> expected)
    {
        if (!_json[_at..].StartsWith(expected))
        {
            return false;
        }

        _at += expected.Length;
        return true;
    }
}
