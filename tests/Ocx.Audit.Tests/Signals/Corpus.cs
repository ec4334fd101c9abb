using System.Text.Json;

namespace Ocx.Audit.Tests.Signals;

/// <summary>Texts as calls carry them, cut into pieces of the size of usual arguments.</summary>
internal static class Corpus
{
    private const int Piece = 700;

    public static IReadOnlyList<string> English { get; } =
        Files("docs", "*.md").Append(Checkout.PathOf("LICENSE")).SelectMany(Pieces).ToArray();

    public static IReadOnlyList<string> Source { get; } = Files("src", "*.cs").SelectMany(Pieces).ToArray();

    public static IReadOnlyList<string> Yaml { get; } = Files("deploy", "*.yaml").SelectMany(Pieces).ToArray();

    public static IReadOnlyList<string> Json { get; } = Files("deploy", "*.json").SelectMany(Pieces).ToArray();

    public static IReadOnlyList<string> Paths { get; } =
    [.. Files("src", "*.cs").Concat(Files("tests", "*.cs")).Chunk(8).Select(paths => string.Join('\n', paths))];

    public static IReadOnlyList<string> Uuids { get; } =
    [
        .. Enumerable
            .Range(0, 200)
            .Select(seed =>
            {
                byte[] bytes = Random(16 * 20, seed);
                return string.Join(
                    ' ',
                    Enumerable.Range(0, 20).Select(at => new Guid(bytes.AsSpan(at * 16, 16)).ToString())
                );
            }),
    ];

    public static byte[] Random(int length, int seed)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>A call's arguments with this text in it.</summary>
    public static byte[] Arguments(string text) => JsonSerializer.SerializeToUtf8Bytes(new { path = "/tmp/a", text });

    private static IEnumerable<string> Files(string folder, string pattern) =>
        Directory
            .EnumerateFiles(Checkout.PathOf(folder), pattern, SearchOption.AllDirectories)
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);

    private static IEnumerable<string> Pieces(string path) =>
        File.ReadAllText(path).Chunk(Piece).Where(piece => piece.Length == Piece).Select(piece => new string(piece));
}
