using System.Globalization;
using System.Text;
using Ocx.Audit.Rehearsals;
using Ocx.State.Clones;
using Ocx.State.Effects;

namespace Ocx.State.Redis;

/// <summary>A key of a database.</summary>
/// <param name="Database">The database's number.</param>
/// <param name="Name">The key's bytes, as Latin-1.</param>
internal readonly record struct RedisKey(int Database, string Name)
{
    /// <summary>The key's bytes.</summary>
    public byte[] Bytes => Encoding.Latin1.GetBytes(Name);
}

/// <summary>
/// Which keys the commands of a clone's stream have to do with. When there are too many to remember, or it cannot be
/// told, it is a whole database. Thread-safe.
/// </summary>
internal sealed class TouchedKeys(CommandTable commands, CloneLimits limits)
{
    private const int MostKeys = 200_000;
    private const long MostBytes = 64 << 20;

    private readonly Lock _lock = new();
    private readonly Dictionary<RedisKey, string> _keys = [];
    private readonly HashSet<int> _whole = [];
    private readonly List<StateChange> _published = [];
    private long _bytes;
    private int _database;

    /// <summary>True when every database is touched.</summary>
    public bool IsEverything { get; private set; }

    /// <summary>True when functions were changed.</summary>
    public bool FunctionsChanged { get; private set; }

    /// <summary>True when more was published than is kept.</summary>
    public bool IsCut { get; private set; }

    /// <summary>What is touched now: keys with the last command, whole databases, and what was published.</summary>
    public (KeyValuePair<RedisKey, string>[] Keys, HashSet<int> Whole, StateChange[] Published) Now()
    {
        lock (_lock)
        {
            return ([.. _keys], [.. _whole], [.. _published]);
        }
    }

    /// <summary>
    /// Forgets the keys that are touched, and what was published. A database that is touched as a whole stays so.
    /// </summary>
    /// <returns>The keys.</returns>
    public KeyValuePair<RedisKey, string>[] Forget()
    {
        lock (_lock)
        {
            KeyValuePair<RedisKey, string>[] keys = [.. _keys];
            _keys.Clear();
            _published.Clear();
            _bytes = 0;
            (FunctionsChanged, IsCut) = (false, false);
            return keys;
        }
    }

    /// <summary>A key is touched, though it was forgotten.</summary>
    public void Remember(KeyValuePair<RedisKey, string> key)
    {
        lock (_lock)
        {
            _keys.TryAdd(key.Key, key.Value);
        }
    }

    /// <summary>All of it is touched: the stream does not tell more.</summary>
    public void TouchEverything()
    {
        lock (_lock)
        {
            IsEverything = true;
            _keys.Clear();
        }
    }

    /// <summary>Notes a command.</summary>
    public void Note(RespValue command)
    {
        if (command.Items is not { Length: > 0 } parts)
        {
            return; // a sign of life
        }

        lock (_lock)
        {
            Note(parts[0].Text.ToUpperInvariant(), parts);
        }
    }

    private void Note(string name, RespValue[] parts)
    {
        switch (name)
        {
            case "SELECT" when Number(parts, 1) is { } database:
                _database = database;
                break;
            case "PING" or "REPLCONF" or "MULTI" or "EXEC" or "SCRIPT":
                break;
            case "PUBLISH" or "SPUBLISH" when parts.Length == 3:
                Publish(name, parts);
                break;
            case "FUNCTION":
                FunctionsChanged = true;
                break;
            case "FLUSHDB":
                Whole(_database);
                break;
            case "SWAPDB" when Number(parts, 1) is { } one && Number(parts, 2) is { } other:
                Whole(one);
                Whole(other);
                break;
            case "MOVE" when Number(parts, 2) is { } database:
                Keys(name, parts, [_database, database]);
                break;
            case "COPY" when parts.Length > 4 && Number(parts, 4) is { } database:
                Keys(name, parts, [_database, database]);
                break;
            default:
                Keys(name, parts, [_database]);
                break;
        }
    }

    private void Keys(string name, RespValue[] parts, ReadOnlySpan<int> databases)
    {
        if (name == "FLUSHALL" || commands.Keys(parts) is not { Count: > 0 } keys)
        {
            IsEverything = true;
            _keys.Clear();
            return;
        }

        foreach (int database in databases)
        {
            foreach (byte[] key in IsEverything || _whole.Contains(database) ? [] : keys)
            {
                var touched = new RedisKey(database, Encoding.Latin1.GetString(key));
                _bytes += _keys.ContainsKey(touched) ? 0 : key.Length;
                _keys[touched] = name;
            }

            if (_keys.Count > MostKeys || _bytes > MostBytes)
            {
                IsEverything = true;
                _keys.Clear();
            }
        }
    }

    private void Whole(int database)
    {
        _whole.Add(database);
        foreach (RedisKey key in _keys.Keys.Where(key => key.Database == database).ToArray())
        {
            _keys.Remove(key);
        }
    }

    private void Publish(string name, RespValue[] parts)
    {
        if (_published.Count == limits.MaxChanges)
        {
            IsCut = true;
            return;
        }

        _published.Add(
            new StateChange
            {
                Target = ValueText.Of(parts[1].Bytes, limits.MaxValue),
                Operation = name.ToLowerInvariant(),
                New = [new StateField("message", ValueText.Of(parts[2].Bytes, limits.MaxValue))],
            }
        );
    }

    private static int? Number(RespValue[] parts, int at) =>
        at < parts.Length
        && int.TryParse(parts[at].Text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : null;
}
