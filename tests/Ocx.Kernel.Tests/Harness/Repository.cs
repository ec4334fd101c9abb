using Ocx.Tests.Captures;

namespace Ocx.Kernel.Tests.Harness;

/// <summary>Files of this checkout that tests read where they lie.</summary>
internal static class Repository
{
    /// <summary>A file or folder, by its path from the top.</summary>
    public static string PathOf(params string[] parts) => Path.Combine([FieldCaptures.Root, .. parts]);
}
