using Ocx.Kernel.Tests.Harness;

namespace Ocx.Kernel.Tests.Live;

/// <summary>
/// The packages of <c>npm/package-lock.json</c>, with a Node of their own, installed by the first who asks.
/// </summary>
internal static class NodePrograms
{
    /// <summary>The folder with both JSON files and the scripts.</summary>
    public static string Source { get; } = Checkout.PathOf("tests", "Ocx.Kernel.Tests", "Live", "npm");

    private static readonly Lazy<string> s_packages = new(() =>
        Command.Run(Checkout.PathOf("hack", "npm-programs"), Source).Trim()
    );

    /// <summary>Where the packages are.</summary>
    public static string Modules => Path.Combine(s_packages.Value, "node_modules");

    /// <summary>The folder of the program <c>node</c>.</summary>
    public static string NodeFolder =>
        Directory.GetDirectories(Modules, "node-linux-*").Select(each => Path.Combine(each, "bin")).Single();

    /// <summary>The reference server, which has one of everything.</summary>
    public static string Everything => Path.Combine(Modules, "@modelcontextprotocol/server-everything/dist/index.js");

    /// <summary>The program of a package, by the name that npx(1) knows it by.</summary>
    public static string Binary(string name) => Path.Combine(Modules, ".bin", name);
}
