using System.Text;

namespace Ocx.State.Redis;

/// <summary>Where the keys stand in a command's arguments, as the server itself tells by COMMAND.</summary>
internal sealed class CommandTable
{
    private readonly Dictionary<string, (int First, int Last, int Step)> _keys = new(StringComparer.OrdinalIgnoreCase);

    private CommandTable() { }

    /// <summary>Asks a server.</summary>
    public static async Task<CommandTable> AskAsync(RespConnection connection, CancellationToken cancellation)
    {
        var table = new CommandTable();
        RespValue answer = await connection.AskAsync(cancellation, "COMMAND").ConfigureAwait(false);
        foreach (RespValue command in answer.Items ?? [])
        {
            // name, arity, flags, first key, last key, step. Of "movablekeys" that is not all.
            if (
                command.Items is { Length: >= 6 } row
                && !(row[2].Items ?? []).Any(flag => flag.Bytes is not null && flag.Text == "movablekeys")
            )
            {
                table._keys[row[0].Text] = ((int)row[3].Number, (int)row[4].Number, (int)row[5].Number);
            }
        }

        return table;
    }

    /// <summary>The keys of a command.</summary>
    /// <returns>The keys; null when they cannot be told.</returns>
    public IReadOnlyList<byte[]>? Keys(RespValue[] command)
    {
        string name = command[0].Text;
        if (!_keys.TryGetValue(name, out (int First, int Last, int Step) at) || at.First <= 0 || at.Step <= 0)
        {
            return Movable(name, command);
        }

        var keys = new List<byte[]>();
        int last = at.Last < 0 ? command.Length + at.Last : at.Last;
        for (int i = at.First; i <= last && i < command.Length; i += at.Step)
        {
            if (command[i].Bytes is not { } key || command[i].IsCut)
            {
                return null;
            }

            keys.Add(key);
        }

        return keys;
    }

    // Those that write and whose keys move: the target is the first argument, the rest are read, or are the source of
    // a sort. All keys that follow a count are taken too.
    private static List<byte[]>? Movable(string name, RespValue[] command)
    {
        if (command.Length < 2 || command.Any(part => part.Bytes is null || part.IsCut))
        {
            return null;
        }

        switch (name.ToUpperInvariant())
        {
            case "XGROUP" when command.Length > 2:
                return [command[2].Bytes!];
            case "ZUNIONSTORE" or "ZINTERSTORE" or "ZDIFFSTORE":
                return [command[1].Bytes!];
            case "SORT" or "GEORADIUS" or "GEORADIUSBYMEMBER":
                var keys = new List<byte[]> { command[1].Bytes! };
                for (int i = 2; i + 1 < command.Length; i++)
                {
                    if (Encoding.ASCII.GetString(command[i].Bytes!).ToUpperInvariant() is "STORE" or "STOREDIST")
                    {
                        keys.Add(command[i + 1].Bytes!);
                    }
                }

                return keys;
            default:
                return null;
        }
    }
}
