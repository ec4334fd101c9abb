using System.Globalization;

namespace Ocx.State.Redis;

/// <summary>What INFO tells: a line <c>name:value</c> each.</summary>
internal sealed class RedisInfo
{
    private readonly Dictionary<string, string> _values = [];

    private RedisInfo(string text)
    {
        foreach (string line in text.Split('\n'))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
            {
                _values[line[..colon]] = line[(colon + 1)..].TrimEnd('\r');
            }
        }
    }

    /// <summary>A value; empty when it is not told.</summary>
    public string this[string name] => _values.GetValueOrDefault(name, string.Empty);

    /// <summary>The databases that hold keys (<c>db0:keys=1,expires=0,…</c>).</summary>
    public IEnumerable<int> Databases =>
        from name in _values.Keys
        where name.StartsWith("db", StringComparison.Ordinal)
        let number = int.TryParse(name.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out int db) ? db : -1
        where number >= 0
        select number;

    /// <summary>A number; 0 when it is not told.</summary>
    public long Number(string name) =>
        long.TryParse(this[name], NumberStyles.Integer, CultureInfo.InvariantCulture, out long number) ? number : 0;

    /// <summary>Asks for a section.</summary>
    public static async Task<RedisInfo> AskAsync(
        RespConnection connection,
        string section,
        CancellationToken cancellation
    ) => new((await connection.AskAsync(cancellation, "INFO", section).ConfigureAwait(false)).Text);
}
