using System.Text.RegularExpressions;

namespace Ocx.Docs.Tests;

/// <summary>
/// That a file of one folder names something of another folder of its project. The project's own folder is <c>.</c>.
/// </summary>
internal sealed record Use(string Project, string From, string To, string File, string Name);

/// <summary>
/// Who uses whom in src/, from the sources: names of top-level types and of extension methods, looked up in a file's
/// own namespaces, from the innermost on, and in those that it imports. Members of types are not looked up, so what is
/// passed on without being named is not seen.
/// </summary>
internal static partial class SourceTree
{
    private const string Root = ".";

    private static readonly SourceFile[] s_files =
    [
        .. Directory
            .EnumerateFiles(Path.Combine(Checkout.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(path =>
                !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal)
            )
            .Select(Read),
    ];

    /// <summary>All uses between folders of one project.</summary>
    public static IReadOnlyList<Use> Uses { get; } = FindUses();

    /// <summary>Which projects each project refers to.</summary>
    public static IReadOnlyDictionary<string, string[]> Projects { get; } =
        Directory
            .EnumerateFiles(Path.Combine(Checkout.Root, "src"), "*.csproj", SearchOption.AllDirectories)
            .ToDictionary(
                path => Path.GetFileNameWithoutExtension(path),
                path =>
                    Reference().Matches(File.ReadAllText(path)).Select(reference => reference.Groups[1].Value).ToArray()
            );

    /// <summary>Those edges that lie on a cycle.</summary>
    public static IReadOnlyList<(string From, string To)> Cycles(IEnumerable<(string From, string To)> edges)
    {
        ILookup<string, string> next = edges.Distinct().ToLookup(edge => edge.From, edge => edge.To);
        return [.. edges.Distinct().Where(edge => Reached(edge.To, next).Contains(edge.From))];
    }

    private static HashSet<string> Reached(string from, ILookup<string, string> next)
    {
        var reached = new HashSet<string>();
        var follow = new Queue<string>([from]);
        while (follow.TryDequeue(out string? at))
        {
            foreach (string to in next[at].Where(reached.Add))
            {
                follow.Enqueue(to);
            }
        }

        return reached;
    }

    private static SourceFile Read(string path)
    {
        string[] parts = Path.GetRelativePath(Path.Combine(Checkout.Root, "src"), path).Split('/');
        string text = NoCode().Replace(File.ReadAllText(path), string.Empty);
        return new SourceFile(
            parts[0],
            parts.Length > 2 ? parts[1] : Root,
            string.Join('/', parts),
            Namespace().Match(text).Groups[1].Value,
            [.. Import().Matches(text).Select(import => import.Groups[1].Value)],
            Import().Replace(Namespace().Replace(text, string.Empty), string.Empty)
        );
    }

    private static Use[] FindUses()
    {
        var types = new Dictionary<(string Namespace, string Name), SourceFile>();
        var extensions = new Dictionary<(string Namespace, string Name), SourceFile>();
        foreach (SourceFile file in s_files)
        {
            foreach (Match type in DeclaredType().Matches(file.Text))
            {
                types.TryAdd((file.Namespace, type.Groups[1].Value), file);
            }

            foreach (Match method in DeclaredExtension().Matches(file.Text))
            {
                extensions.TryAdd((file.Namespace, method.Groups[1].Value), file);
            }
        }

        return
        [
            .. from file in s_files
            let visible = file.Visible().ToArray()
            from Match name in Identifier().Matches(file.Text)
            let declared = name.Groups[1].Length > 0 ? extensions
            : name.Groups[2].Length > 0 ? null
            : types
            where declared is not null
            let found = visible
                .Select(space => declared.GetValueOrDefault((space, name.Groups[3].Value)))
                .FirstOrDefault(declaring => declaring is not null)
            where found is not null && found.Project == file.Project && found.Folder != file.Folder
            select new Use(file.Project, file.Folder, found.Folder, file.Path, name.Groups[3].Value),
        ];
    }

    private sealed record SourceFile(
        string Project,
        string Folder,
        string Path,
        string Namespace,
        string[] Imports,
        string Text
    )
    {
        // A name of the innermost namespace hides those of outer ones and of imports.
        public IEnumerable<string> Visible()
        {
            for (string space = Namespace; space.Length > 0; space = space[..Math.Max(0, space.LastIndexOf('.'))])
            {
                yield return space;
            }

            foreach (string import in Imports)
            {
                yield return import;
            }
        }
    }

    // Strings, so that their words are no names, and comments.
    [GeneratedRegex(
        """
            "{3}[\s\S]*?"{3}|@"(?:[^"]|"")*"|//[^\n]*|/\*[\s\S]*?\*/
            """
    )]
    private static partial Regex NoCode();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"^using (?:static )?([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Import();

    [GeneratedRegex(
        @"^(?:\w+ )*(?:class|struct|interface|enum|record|delegate [\w<>?,]+) (\w+)",
        RegexOptions.Multiline
    )]
    private static partial Regex DeclaredType();

    [GeneratedRegex(@"static (?:partial )?[\w<>\[\]?,. ]+ (\w+)(?:<[^>]*>)?\(\s*this ")]
    private static partial Regex DeclaredExtension();

    // A method that is called on something; another member, which is no type; a name that stands alone.
    [GeneratedRegex(@"(?:(\.(?=[A-Z]\w*[(<]))|(\.))?\b([A-Z]\w*)")]
    private static partial Regex Identifier();

    [GeneratedRegex(@"<ProjectReference Include=""[^""]*/(\w[\w.]*)\.csproj""")]
    private static partial Regex Reference();
}
