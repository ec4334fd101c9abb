using System.Globalization;

namespace Ocx.State.Processes;

/// <summary>The user that a clone's processes run as. PostgreSQL refuses to run as root.</summary>
/// <param name="User">Its number.</param>
/// <param name="Group">Its group's number.</param>
public readonly record struct RunAs(uint User, uint Group)
{
    private const uint Nobody = 65534;

    /// <summary>This process's own user; for root, <c>nobody</c>.</summary>
    public static RunAs Default { get; } =
        LibC.geteuid() == 0 ? new RunAs(Nobody, Nobody) : new RunAs(LibC.geteuid(), LibC.getegid());

    /// <summary>The arguments that make <c>setpriv</c> go over to it; none when this process is it already.</summary>
    internal IEnumerable<string> Arguments =>
        User == LibC.geteuid()
            ? []
            :
            [
                string.Create(CultureInfo.InvariantCulture, $"--reuid={User}"),
                string.Create(CultureInfo.InvariantCulture, $"--regid={Group}"),
                "--clear-groups",
            ];

    /// <summary>Gives it a file or folder.</summary>
    internal void Own(string path)
    {
        if (User != LibC.geteuid() && LibC.chown(path, User, Group) != 0)
        {
            throw new IOException($"cannot give {path} to user {User}");
        }
    }

    /// <summary>Makes a folder that is its alone.</summary>
    internal string MakeFolder(string path)
    {
        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Own(path);
        return path;
    }

    /// <summary>Writes a file that it alone may read.</summary>
    internal void WriteFile(string path, string text)
    {
        File.Delete(path);
        using (
            var file = new FileStream(
                path,
                new FileStreamOptions
                {
                    Mode = FileMode.CreateNew,
                    Access = FileAccess.Write,
                    UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                }
            )
        )
        using (var writer = new StreamWriter(file))
        {
            writer.Write(text);
        }

        Own(path);
    }
}
