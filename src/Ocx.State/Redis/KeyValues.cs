using System.Globalization;
using System.Text;
using Ocx.Audit.Rehearsals;
using Ocx.State.Clones;
using Ocx.State.Effects;

namespace Ocx.State.Redis;

/// <summary>A key's value as fields: its first parts, bounded.</summary>
internal static class KeyValues
{
    /// <summary>Reads it; the connection has selected the key's database.</summary>
    /// <returns>The fields; null when the key is not there.</returns>
    public static async Task<IReadOnlyList<StateField>?> ReadAsync(
        RespConnection connection,
        byte[] key,
        CloneLimits limits,
        CancellationToken cancellation
    )
    {
        RespValue[] about = await connection
            .AskAllAsync(
                [
                    ["TYPE"u8.ToArray(), key],
                    ["PEXPIRETIME"u8.ToArray(), key],
                ],
                cancellation
            )
            .ConfigureAwait(false);
        string type = about[0].Text;
        if (type == "none")
        {
            return null;
        }

        byte[] last = Number(limits.MaxFields - 1);
        byte[] count = Number(limits.MaxFields);
        byte[][] ask = type switch
        {
            "string" => ["GETRANGE"u8.ToArray(), key, "0"u8.ToArray(), Number(limits.MaxValue * 4)],
            "list" => ["LRANGE"u8.ToArray(), key, "0"u8.ToArray(), last],
            "set" => ["SSCAN"u8.ToArray(), key, "0"u8.ToArray(), "COUNT"u8.ToArray(), count],
            "hash" => ["HSCAN"u8.ToArray(), key, "0"u8.ToArray(), "COUNT"u8.ToArray(), count],
            "zset" => ["ZRANGE"u8.ToArray(), key, "0"u8.ToArray(), last, "WITHSCORES"u8.ToArray()],
            "stream" => ["XLEN"u8.ToArray(), key],
            _ => ["OBJECT"u8.ToArray(), "ENCODING"u8.ToArray(), key],
        };
        RespValue answer = (await connection.AskAllAsync([ask], cancellation).ConfigureAwait(false))[0];
        List<StateField> fields = [.. Fields(type, answer, limits.MaxValue).Take(limits.MaxFields)];
        if (about[1].Number > 0)
        {
            fields.Add(
                new StateField("(expires)", DateTimeOffset.FromUnixTimeMilliseconds(about[1].Number).ToString("O"))
            );
        }

        return fields;
    }

    private static IEnumerable<StateField> Fields(string type, RespValue answer, int most)
    {
        RespValue[] items = type is "set" or "hash" ? answer.Items?[1].Items ?? [] : answer.Items ?? [];
        return type switch
        {
            "list" => items.Select((item, i) => new StateField(i.ToString(CultureInfo.InvariantCulture), Text(item))),
            "set" => items.Select(item => new StateField("member", Text(item))),
            "hash" or "zset" => items.Chunk(2).Select(pair => new StateField(Text(pair[0]), Text(pair[^1]))),
            "stream" => [new StateField("entries", answer.Text)],
            _ => [new StateField("value", Text(answer))],
        };

        string Text(RespValue value) => value.Bytes is null ? value.Text : ValueText.Of(value.Bytes, most);
    }

    private static byte[] Number(int number) => Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture));
}
