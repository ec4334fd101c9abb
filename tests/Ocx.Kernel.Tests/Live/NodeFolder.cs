namespace Ocx.Kernel.Tests.Live;

/// <summary>A folder that Node's scripts run in, and what they leave. Disposing it deletes it.</summary>
internal sealed class NodeFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ocx-live-");

    public NodeFolder()
    {
        // A script finds packages in the folder that it is in.
        foreach (string script in Directory.GetFiles(NodePrograms.Source, "*.?js"))
        {
            File.Copy(script, System.IO.Path.Combine(Path, System.IO.Path.GetFileName(script)));
        }

        Directory.CreateSymbolicLink(System.IO.Path.Combine(Path, "node_modules"), NodePrograms.Modules);
    }

    /// <summary>Where it is.</summary>
    public string Path => _folder.FullName;

    /// <summary>The variables that Node's programs need.</summary>
    public Dictionary<string, string> Variables =>
        new() { ["PATH"] = $"{NodePrograms.NodeFolder}:{Environment.GetEnvironmentVariable("PATH")}", ["HOME"] = Path };

    /// <inheritdoc/>
    public void Dispose() => _folder.Delete(recursive: true);
}
