using System.Collections;
using System.Text.Json;

namespace Ocx.TapBench.Connections;

/// <summary>The calls that an agent tells of, a line each, held against the numbers that the calls carry.</summary>
internal sealed class ToldCalls(int expected)
{
    private readonly BitArray _told = new(expected);

    /// <summary>Calls that were made and told, each counted once.</summary>
    public int Told { get; private set; }

    /// <summary>Those that are complete: with the arguments that they carried.</summary>
    public int Complete { get; private set; }

    /// <summary>Those that went well: with the result that belongs to their arguments.</summary>
    public int Ok { get; private set; }

    /// <summary>Lines that tell of no call that was made, or of one again.</summary>
    public int Strange { get; private set; }

    /// <summary>Takes a line of <c>--events calls</c>.</summary>
    public void Take(string line)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        JsonElement call = document.RootElement;
        int? number =
            call.TryGetProperty("arguments", out JsonElement arguments)
            && arguments.TryGetProperty("n", out JsonElement n)
                ? n.GetInt32()
                : null;
        bool complete = Is(call, "completeness", "complete"),
            ok = Is(call, "status", "ok");
        if (number is not { } made)
        {
            // Without its arguments nobody knows which it was.
            Told++;
            Ok += ok ? 1 : 0;
            return;
        }

        if (made < 0 || made >= _told.Length || _told[made])
        {
            Strange++;
            return;
        }

        _told[made] = true;
        Told++;
        Complete += complete ? 1 : 0;
        Ok += ok && ResultOf(call) == made.ToString(System.Globalization.CultureInfo.InvariantCulture) ? 1 : 0;
    }

    private static bool Is(JsonElement call, string name, string value) =>
        call.TryGetProperty(name, out JsonElement property) && property.ValueEquals(value);

    private static string? ResultOf(JsonElement call) =>
        call.TryGetProperty("result", out JsonElement result)
        && result.TryGetProperty("content", out JsonElement content)
        && content.GetArrayLength() == 1
            ? content[0].GetProperty("text").GetString()
            : null;
}
