using Microsoft.Win32.SafeHandles;
using Ocx.Audit.Rehearsals;
using Ocx.Sandbox.Interop;
using Ocx.Text;

namespace Ocx.Sandbox.Files;

/// <summary>
/// What happened to a sandbox's files between two moments, from the overlay that they are written to.
/// </summary>
/// <param name="upper">The overlay's upper folder.</param>
/// <param name="root">The folder below it, as the host sees it.</param>
internal sealed class FileChanges(SafeFileHandle upper, string root) : IDisposable
{
    private readonly string _below = root.TrimEnd('/');
    private WrittenFiles? _before;

    /// <summary>What happens from now on counts.</summary>
    public void Begin() => _before = WrittenFiles.Read(upper);

    /// <summary>
    /// What happened since <see cref="Begin"/>. The overlay is looked at when all of the sandbox's processes have
    /// ended: then nothing changes any more.
    /// </summary>
    public FileEffects? End()
    {
        if (_before is null)
        {
            return null;
        }

        var after = WrittenFiles.Read(upper);
        var changes = new Lists { IsCut = _before.IsCut || after.IsCut };
        foreach ((string path, FileStat now) in after.Files.OrderBy(file => file.Key, StringComparer.Ordinal))
        {
            if (_before.Files.TryGetValue(path, out FileStat was))
            {
                Compare(changes, path, was, now);
            }
            else
            {
                CompareBelow(changes, path, now);
            }
        }

        foreach ((string path, FileStat was) in _before.Files.OrderBy(file => file.Key, StringComparer.Ordinal))
        {
            if (!after.Files.ContainsKey(path) && !was.IsWhiteout)
            {
                changes.Deleted(path);
            }
        }

        return changes.Effects();
    }

    /// <inheritdoc/>
    public void Dispose() => upper.Dispose();

    // It was in the overlay before.
    private void Compare(Lists changes, string path, FileStat was, FileStat now)
    {
        if (now.IsWhiteout)
        {
            if (!was.IsWhiteout)
            {
                changes.Deleted(path);
            }
        }
        else if (was.IsWhiteout)
        {
            changes.Created(path);
        }
        else if (now.IsFolder && was.IsFolder)
        {
            if (now.Inode != was.Inode)
            {
                FindCovered(changes, path);
            }
        }
        else if (now.Inode != was.Inode || !now.IsAs(was))
        {
            changes.Changed(path);
        }
    }

    // It is new in the overlay: it is new, or the one below is covered, or gone.
    private void CompareBelow(Lists changes, string path, FileStat now)
    {
        FileStat? below = StatBelow(path);
        if (now.IsWhiteout)
        {
            if (below is not null)
            {
                changes.Deleted(path);
            }
        }
        else if (below is not { } was)
        {
            changes.Created(path);
        }
        else if (now.IsFolder && was.IsFolder)
        {
            FindCovered(changes, path);
        }
        else if (!now.IsAs(was))
        {
            changes.Changed(path);
        }
    }

    // A folder that was deleted and made again covers what was in the one below.
    private unsafe void FindCovered(Lists changes, string path)
    {
        byte value;
        string inUpper = FileStat.PathOf(upper) + path.TrimStart('/');
        if (LibC.getxattr(inUpper, "trusted.overlay.opaque", &value, 1) != 1 || value != (byte)'y')
        {
            return;
        }

        var options = new EnumerationOptions { AttributesToSkip = 0, IgnoreInaccessible = true };
        foreach (string entry in Directory.EnumerateFileSystemEntries(_below + path, "*", options))
        {
            string inside = $"{path}/{Path.GetFileName(entry)}";
            if (!Path.Exists(FileStat.PathOf(upper) + inside.TrimStart('/')) && !changes.Deleted(inside))
            {
                return;
            }
        }
    }

    private FileStat? StatBelow(string path)
    {
        // Its folders are the overlay's too, and none of them is a link there.
        string whole = _below + path;
        using SafeFileHandle? folder = FileStat.OpenFolder(Path.GetDirectoryName(whole)!);
        return folder is null ? null : FileStat.Of(folder, Path.GetFileName(whole));
    }

    private sealed class Lists
    {
        private readonly List<string> _created = [];
        private readonly List<string> _changed = [];
        private readonly List<string> _deleted = [];

        public bool IsCut { get; set; }

        public void Created(string path) => Add(_created, path);

        public void Changed(string path) => Add(_changed, path);

        public bool Deleted(string path) => Add(_deleted, path);

        public FileEffects Effects() =>
            new()
            {
                Created = _created,
                Changed = _changed,
                Deleted = _deleted,
                IsCut = IsCut,
            };

        private bool Add(List<string> list, string path)
        {
            if (list.Count == EffectsLimits.Paths)
            {
                IsCut = true;
                return false;
            }

            list.Add(WireText.Escape(path, EffectsLimits.Name));
            return true;
        }
    }
}
