namespace Ocx.State.Clones;

/// <summary>What a pool has: warm clones, and how many are taken, coming or going. Thread-safe.</summary>
/// <param name="options">How many there may be.</param>
internal sealed class CloneShelf(ClonePoolOptions options)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<WarmClone> _warm = [];
    private TaskCompletionSource _changed = NewChange();
    private CloneException? _makingFailed;
    private CloneException? _followingFailed;
    private int _looked;
    private int _coming;
    private int _taken;
    private int _going;

    /// <summary>Ends when anything is another way than now.</summary>
    public Task Changed
    {
        get
        {
            lock (_lock)
            {
                return _changed.Task;
            }
        }
    }

    private CloneException? Failure => _makingFailed ?? _followingFailed;

    /// <summary>Asks for the right to make a clone; <see cref="Came"/> or <see cref="DidNotCome"/> ends it.</summary>
    public bool MayMake()
    {
        lock (_lock)
        {
            bool may =
                _warm.Count + _looked + _coming < options.Warm
                && _warm.Count + _looked + _coming + _taken + _going < options.Most;
            _coming += may ? 1 : 0;
            return may;
        }
    }

    /// <summary>A clone is ready.</summary>
    public void Came(WarmClone clone) =>
        Change(() =>
        {
            _coming--;
            _makingFailed = null;
            _followingFailed = null;
            _warm.AddLast(clone);
        });

    /// <summary>None came of it.</summary>
    public void DidNotCome(CloneException? failure) =>
        Change(() =>
        {
            _coming--;
            _makingFailed = failure ?? _makingFailed;
        });

    /// <summary>Takes a warm clone out to look at it; <see cref="Looked"/> ends that.</summary>
    public WarmClone? Look(ISet<WarmClone> seen)
    {
        lock (_lock)
        {
            WarmClone? clone = _warm.FirstOrDefault(seen.Add);
            if (clone is not null)
            {
                _warm.Remove(clone);
                _looked++;
            }

            return clone;
        }
    }

    /// <summary>It was looked at.</summary>
    public void Looked(WarmClone clone, CloneException? failure, bool isGone) =>
        Change(() =>
        {
            _looked--;
            _followingFailed = failure;
            if (isGone)
            {
                _going++;
            }
            else
            {
                _warm.AddLast(clone);
            }
        });

    /// <summary>Takes one for good.</summary>
    /// <returns>The clone, or null while it is worth waiting for one.</returns>
    /// <exception cref="CloneException">There is none, and none is coming.</exception>
    public WarmClone? Take()
    {
        lock (_lock)
        {
            if (_warm.First is { } first)
            {
                _warm.RemoveFirst();
                _taken++;
                Announce();
                return first.Value;
            }

            return _looked > 0 || Failure is not { } failure
                ? null
                : throw new CloneException(failure.Failure, failure.Message, failure);
        }
    }

    /// <summary>A clone that could not be taken now is as it was.</summary>
    public void PutBack(WarmClone clone) =>
        Change(() =>
        {
            _taken--;
            _warm.AddLast(clone);
        });

    /// <summary>A taken clone comes back.</summary>
    /// <returns>True when a warm one may be made of it, by <see cref="Came"/> or <see cref="DidNotCome"/>.</returns>
    public bool GiveBack(bool isOfUse)
    {
        bool wanted = false;
        Change(() =>
        {
            _taken--;
            wanted = isOfUse && _warm.Count + _looked + _coming < options.Warm;
            if (wanted)
            {
                _coming++;
            }
            else
            {
                _going++;
            }
        });
        return wanted;
    }

    /// <summary>A clone that was of no use is gone.</summary>
    public void Gone() => Change(() => _going--);

    /// <summary>Empties it.</summary>
    public IReadOnlyList<WarmClone> Clear()
    {
        lock (_lock)
        {
            WarmClone[] all = [.. _warm];
            _warm.Clear();
            return all;
        }
    }

    /// <summary>How it is.</summary>
    public ClonePoolStatus Status(string source, DateTimeOffset now)
    {
        lock (_lock)
        {
            return new ClonePoolStatus(
                source,
                _warm.Count + _looked,
                _taken,
                _warm.Count == 0 ? null : now - _warm.Min(clone => clone.CaughtUp),
                Failure?.Failure,
                Failure?.Message
            );
        }
    }

    private static TaskCompletionSource NewChange() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Change(Action change)
    {
        lock (_lock)
        {
            change();
            Announce();
        }
    }

    private void Announce()
    {
        _changed.SetResult();
        _changed = NewChange();
    }
}
