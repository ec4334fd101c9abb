using System.Globalization;
using Ocx.State.Clones;

namespace Ocx.State.Postgres;

/// <summary>PostgreSQL's programs of one major version: a copy can be run by no other.</summary>
/// <param name="Folder">Their folder.</param>
/// <param name="Major">The version.</param>
internal sealed record PostgresPrograms(string Folder, int Major)
{
    private const int Oldest = 12;

    /// <summary>The first version whose pg_rewind writes nothing at the source.</summary>
    private const int RewindsSilently = 14;

    /// <summary>
    /// True when a used clone may be wound back: before 14, that made a temporary table at the source.
    /// </summary>
    public bool CanRewind => Major >= RewindsSilently;

    /// <summary>Finds them.</summary>
    /// <exception cref="CloneException">They are not on this machine, or too old.</exception>
    public static PostgresPrograms Find(PostgresSource source, Version version)
    {
        string folder = string.Format(CultureInfo.InvariantCulture, source.Programs, version.Major);
        return version.Major < Oldest
                ? throw new CloneException(
                    CloneFailure.VersionNotSupported,
                    $"{source.Name} is PostgreSQL {version.Major}; clones need {Oldest} or later"
                )
            : !File.Exists(Path.Combine(folder, "postgres"))
                ? throw new CloneException(
                    CloneFailure.VersionNotSupported,
                    $"{source.Name} is PostgreSQL {version.Major}, whose programs are not in {folder}"
                )
            : new PostgresPrograms(folder, version.Major);
    }

    /// <summary>A program's path.</summary>
    public string this[string name] => Path.Combine(Folder, name);
}
