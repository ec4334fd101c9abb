namespace Ocx.Tests;

/// <summary>The checkout that the tests were built in.</summary>
internal static class Checkout
{
    /// <summary>Its top, where the solution lies.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A file or folder, by its path from the top.</summary>
    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Ocx.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName
            ?? throw new DirectoryNotFoundException("tests run inside the checkout that built them");
    }
}
