using System.Text;

namespace Ocx.NodeAgent.Tests;

/// <summary>
/// Text and bytes as someone writes them who wants to forge a record, close a quote or drive a terminal.
/// </summary>
internal static class HostileText
{
    // As they may stand in a JSON string: escapes of JSON, and characters that JSON lets stand as they are.
    private static readonly string[] s_inStrings =
    [
        "\\n",
        "\\r\\n",
        "\\u0000",
        "\\u001b[2J",
        "\\u007f",
        "\\u009b31m",
        "\\u0085",
        "\\u2028",
        "\\u202e",
        "\\u200b",
        "\\ufeff",
        "\\ud800",
        "\\udc00x",
        "\\ud83e\\udd80",
        "\u007f",
        "\u0085",
        "\u009b31m",
        "\u202e",
        "\u200b",
        "\u2029",
        "\u3164",
        "\U000e0041",
        "🦀",
        "é",
        "'",
        "\\\"",
        "\\\\",
        " ",
        " ok 1 B → 2 B",
        "\\n}\\n",
        "{",
        "}",
        "a",
        "tool",
    ];

    // Between the tokens of a JSON text.
    private static readonly string[] s_space = ["", "", "", " ", "\n", "\r\n", "\n\n", "\t", "\n  "];

    private static readonly byte[][] s_bytes =
    [
        [0xff],
        [0xc3],
        [0xed, 0xa0, 0x80],
        [0xf0, 0x9f],
        "\n"u8.ToArray(),
        "\r"u8.ToArray(),
        [0x1b, (byte)'['],
        [0x9b],
        [0xc2, 0x9b],
        [0],
        [0xe2, 0x80, 0xae],
        "\\ud8"u8.ToArray(),
    ];

    /// <summary>What a peer puts between two quotes.</summary>
    public static string Name(Random random)
    {
        var text = new StringBuilder();
        for (int left = random.Next(1, 6); left > 0; left--)
        {
            text.Append(s_inStrings[random.Next(s_inStrings.Length)]);
        }

        return text.ToString();
    }

    /// <summary>A JSON value that looks like a record of the tap's own, with line ends between its tokens.</summary>
    public static string Value(Random random)
    {
        string forged =
            "{\"start\":\"2026-01-01T00:00:00.000000000Z\",\"durationNs\":1,\"method\":\"tools/call\","
            + "\"name\":\"innocent\",\"status\":\"ok\"}";
        string value = random.Next(5) switch
        {
            0 => $"[{Space(random)}{forged}{Space(random)}]",
            1 => $"{{{Space(random)}\"{Name(random)}\"{Space(random)}:"
                + $"{Space(random)}\"{Name(random)}\"{Space(random)}}}",
            2 => $"\"{Name(random)}\"",
            3 => $"{{\"a\":{Space(random)}[1e3,{Space(random)}-0.5,true,null,{forged}]}}",
            _ => $"[{string.Join("," + Space(random), Names(random))}]",
        };
        return value;
    }

    // More than is kept, at times.
    private static IEnumerable<string> Names(Random random) =>
        Enumerable.Range(0, random.Next(600)).Select(_ => $"\"{Name(random)}\"");

    /// <summary>Replaces some bytes, so that lengths stay as they are announced.</summary>
    public static byte[] Spoil(byte[] bytes, Random random)
    {
        byte[] spoiled = [.. bytes];
        for (int left = Math.Max(0, random.Next(8) - 4); left > 0 && spoiled.Length > 8; left--)
        {
            byte[] with = s_bytes[random.Next(s_bytes.Length)];
            with.CopyTo(spoiled, random.Next(spoiled.Length - with.Length));
        }

        return spoiled;
    }

    private static string Space(Random random) => s_space[random.Next(s_space.Length)];
}
