namespace Ocx.Kernel.Tests.Harness;

/// <summary>Files of this checkout that tests read where they lie.</summary>
internal static class Repository
{
    private static readonly string s_root = FindRoot();

    /// <summary>A file or folder, by its path from the top.</summary>
    public static string PathOf(params string[] parts) => Path.Combine([s_root, .. parts]);

    /// <summary>The captures of traffic from the field; tests/captures/README.md tells what each one is.</summary>
    public static IReadOnlyList<string> FieldCaptures { get; } = [.. Directory.GetFiles(PathOf("tests", "captures", "field"), "*.pcap").Order()];

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Ocx.sln")))
        {
            folder = folder.Parent;
        }
        return folder?.FullName ?? throw new DirectoryNotFoundException("these tests run inside the checkout that built them");
    }
}
