using Ocx.Audit.Rehearsals;
using Ocx.State.Effects;

namespace Ocx.State.Postgres;

/// <summary>
/// Reads a line of PostgreSQL's <c>test_decoding</c> (contrib/test_decoding/test_decoding.c):
/// <c>table public.orders: UPDATE: old-key: id[integer]:1 new-tuple: id[integer]:1 note[text]:'it''s'</c>. Names and
/// values are others' choice; both are quoted, so none can pass for something else. A line may be cut: what is behind
/// the cut is not listed.
/// </summary>
internal ref struct DecodedChange
{
    private readonly int _mostFields;
    private readonly int _mostValue;
    private ReadOnlySpan<char> _rest;

    private DecodedChange(ReadOnlySpan<char> line, int mostFields, int mostValue)
    {
        _rest = line;
        (_mostFields, _mostValue) = (mostFields, mostValue);
    }

    /// <summary>Reads the changes of a line: one, or for TRUNCATE one for each table.</summary>
    /// <returns>The changes; none when the line is of another kind, or cut too early.</returns>
    public static IReadOnlyList<StateChange> Read(string line, int mostFields, int mostValue)
    {
        var reader = new DecodedChange(line, mostFields, mostValue);
        return reader.ReadLine();
    }

    private IReadOnlyList<StateChange> ReadLine()
    {
        var tables = new List<string>();
        if (!Skip("table "))
        {
            return [];
        }

        do
        {
            string schema = Identifier('.');
            if (!Skip("."))
            {
                return [];
            }

            tables.Add($"{schema}.{Identifier(':', ',')}");
        } while (Skip(", "));

        if (Skip(": TRUNCATE:"))
        {
            return [.. tables.Select(table => new StateChange { Target = table, Operation = "truncate" })];
        }

        string table = tables[0];
        if (Skip(": INSERT:"))
        {
            return
            [
                new StateChange
                {
                    Target = table,
                    Operation = "insert",
                    New = Fields(),
                },
            ];
        }

        if (Skip(": DELETE:"))
        {
            return
            [
                new StateChange
                {
                    Target = table,
                    Operation = "delete",
                    Old = Fields(),
                },
            ];
        }

        if (!Skip(": UPDATE:"))
        {
            return [];
        }

        List<StateField>? old = null;
        if (Skip(" old-key:"))
        {
            old = Fields();
            _ = Skip(" new-tuple:");
        }

        List<StateField>? now = Fields();
        return
        [
            new StateChange
            {
                Target = table,
                Operation = "update",
                Old = old,
                New = Unchanged(now, old),
            },
        ];
    }

    // What lies beside the row and did not change is not written again; the old row has it.
    private static List<StateField>? Unchanged(List<StateField>? now, List<StateField>? old)
    {
        for (int i = 0; i < now?.Count; i++)
        {
            if (now[i].Value == "\0")
            {
                string name = now[i].Name;
                now[i] = old?.Find(field => field.Name == name) ?? now[i] with { Value = "(unchanged)" };
            }
        }

        return now;
    }

    // " name[type]:value name[type]:value", or " (no-tuple-data)".
    private List<StateField>? Fields()
    {
        if (Skip(" (no-tuple-data)"))
        {
            return null;
        }

        var fields = new List<StateField>();
        while (_rest.Length > 1 && _rest[0] == ' ' && !_rest.StartsWith(" new-tuple:"))
        {
            _rest = _rest[1..];
            string name = Name('[');
            if (!SkipType() || !Skip(":"))
            {
                _rest = [];
                break;
            }

            string? value = Value();
            if (fields.Count < _mostFields)
            {
                fields.Add(new StateField(name, value));
            }
        }

        return fields;
    }

    // As it stands, with its quotes: so two names that are joined are not another's.
    private string Identifier(params ReadOnlySpan<char> ends)
    {
        ReadOnlySpan<char> before = _rest;
        _ = Name(ends);
        return before[..^_rest.Length].ToString();
    }

    // quote_identifier(): plain, or in quotes with quotes doubled.
    private string Name(params ReadOnlySpan<char> ends)
    {
        if (_rest.Length > 0 && _rest[0] == '"')
        {
            return Quoted('"', int.MaxValue);
        }

        int end = _rest.IndexOfAny(ends);
        end = end < 0 ? _rest.Length : end;
        string name = _rest[..end].ToString();
        _rest = _rest[end..];
        return name;
    }

    // format_type_be(): brackets of arrays, and names in quotes.
    private bool SkipType()
    {
        int depth = 0;
        bool isQuoted = false;
        for (int i = 0; i < _rest.Length; i++)
        {
            isQuoted ^= _rest[i] == '"';
            depth +=
                isQuoted ? 0
                : _rest[i] == '[' ? 1
                : _rest[i] == ']' ? -1
                : 0;
            if (depth == 0)
            {
                _rest = _rest[(i + 1)..];
                return i > 0;
            }
        }

        return false;
    }

    // "\0" stands for what did not change; a value of PostgreSQL's has no such character.
    private string? Value()
    {
        if (_rest.Length > 0 && _rest[0] == '\'')
        {
            return Quoted('\'', _mostValue);
        }

        if (_rest.StartsWith("B'"))
        {
            _rest = _rest[1..];
            return Quoted('\'', _mostValue);
        }

        int end = _rest.IndexOf(' ');
        end = end < 0 ? _rest.Length : end;
        ReadOnlySpan<char> value = _rest[..end];
        _rest = _rest[end..];
        return value switch
        {
            "null" => null,
            "unchanged-toast-datum" => "\0",
            _ => ValueText.Cut(value.ToString(), _mostValue),
        };
    }

    private string Quoted(char mark, int most)
    {
        int end = 1;
        while (end < _rest.Length && (_rest[end] != mark || (end + 1 < _rest.Length && _rest[end + 1] == mark)))
        {
            end += _rest[end] == mark ? 2 : 1;
        }

        end = Math.Min(end, _rest.Length);
        string text = _rest[1..end].ToString().Replace($"{mark}{mark}", $"{mark}", StringComparison.Ordinal);
        bool isWhole = end < _rest.Length;
        _rest = isWhole ? _rest[(end + 1)..] : [];
        return ValueText.Cut(isWhole ? text : text + "…", most);
    }

    private bool Skip(string text)
    {
        if (!_rest.StartsWith(text))
        {
            return false;
        }

        _rest = _rest[text.Length..];
        return true;
    }
}
