using System.Security.Cryptography;
using Ocx.Audit.Approvals;
using Ocx.Text;

namespace Ocx.Auditor.Approvals;

/// <summary>
/// Approvals in a SQLite file of their own, which one process writes. What was asked, decided or used is on the disk
/// when this comes back. All of them are in memory too: a caller whose calls are held can have them looked at as often
/// as he likes.
/// </summary>
internal sealed class ApprovalFile : IApprovals, IDisposable
{
    private const int IdBytes = 6;

    // What was decided can be looked up for so long; what nobody decided goes when it expires.
    private static readonly TimeSpan s_kept = TimeSpan.FromDays(1);

    private readonly TimeProvider _time;
    private readonly ApprovalTable _table;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Approval> _byId;

    private ApprovalFile(TimeProvider time, ApprovalTable table)
    {
        (_time, _table) = (time, table);
        _byId = table.Read().ToDictionary(approval => approval.Id, StringComparer.Ordinal);
    }

    /// <inheritdoc/>
    public event Action<Approval>? Changed;

    /// <summary>Opens the file that lies beside a ledger, or makes it.</summary>
    /// <exception cref="ApprovalsException">It cannot be opened or made, or is none.</exception>
    public static ApprovalFile OpenBeside(string ledger, TimeProvider time)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(ledger))!;
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            throw new ApprovalsException($"the approvals in {folder} cannot be kept: {wrong.Message}", wrong);
        }

        return Open(Path.Combine(folder, "approvals.db"), time);
    }

    /// <summary>Opens the file, or makes it; only its owner may read it.</summary>
    /// <exception cref="ApprovalsException">It cannot be opened or made, or is none.</exception>
    public static ApprovalFile Open(string path, TimeProvider time)
    {
        ApprovalTable table = ApprovalTable.Open(path);
        try
        {
            return new ApprovalFile(time, table);
        }
        catch
        {
            table.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public Task<ApprovalAnswer> AskAsync(Approval asked, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(asked);
        return Task.Run(() => Tell(Locked(() => Ask(asked))).Answer, cancellation);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<Approval>> ListAsync(CancellationToken cancellation) =>
        Task.Run<IReadOnlyList<Approval>>(
            () =>
                Locked(() =>
                    _byId
                        .Values.OrderBy(approval => approval.AskedAt)
                        .ThenBy(approval => approval.Id, StringComparer.Ordinal)
                        .ToList()
                ),
            cancellation
        );

    /// <summary>A person decides. A decision can be changed until it is used or expires.</summary>
    /// <param name="id">Which.</param>
    /// <param name="decision">What he decides.</param>
    /// <param name="by">Who he is.</param>
    /// <param name="reason">Why, in his words; may be empty.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>The approval as it is now, decided only when its state says so; null when there is none.</returns>
    /// <exception cref="ApprovalsException">It cannot be kept.</exception>
    public Task<Approval?> DecideAsync(
        string id,
        ApprovalDecision decision,
        string by,
        string reason,
        CancellationToken cancellation
    ) => Task.Run(() => Tell(Locked(() => Decide(id, decision, by, reason))).Answer.Approval, cancellation);

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _table.Dispose();
        }
    }

    private Change Ask(Approval asked)
    {
        DateTimeOffset now = _time.GetUtcNow();
        foreach (Approval known in _byId.Values.Where(known => known.Binding == asked.Binding).ToList())
        {
            if (known.UsedBy == asked.Call && known.UsedAt is not null)
            {
                return new(new(known)); // told again, since its record was not kept the first time
            }

            switch (known.State(now))
            {
                case ApprovalState.Approved:
                    Approval used = known with { UsedAt = now, UsedBy = asked.Call };
                    Put(used);
                    return new(new(used), used);
                case ApprovalState.Pending or ApprovalState.Refused:
                    return new(new(known));
                default:
                    break;
            }
        }

        Sweep(now);
        if (Full(asked) is { } full)
        {
            return new(new(null, full));
        }

        Approval added = asked with { Id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes)) };
        Put(added);
        return new(new(added), added);
    }

    private Change Decide(string id, ApprovalDecision decision, string by, string reason)
    {
        DateTimeOffset now = _time.GetUtcNow();
        if (!_byId.TryGetValue(id, out Approval? known))
        {
            return new(new(null));
        }

        if (known.State(now) is ApprovalState.Used or ApprovalState.Expired)
        {
            return new(new(known));
        }

        Approval decided = known with
        {
            Decision = decision,
            DecidedBy = WireText.Escape(by, Approval.LongestWord),
            DecidedAt = now,
            Reason = WireText.Escape(reason, Approval.LongestWord),
        };
        Put(decided);
        return new(new(decided), decided);
    }

    private void Put(Approval approval)
    {
        _table.Put(approval);
        _byId[approval.Id] = approval;
    }

    private void Sweep(DateTimeOffset now)
    {
        foreach (Approval old in _byId.Values.Where(IsOver).ToList())
        {
            _table.Delete(old.Id);
            _byId.Remove(old.Id);
        }

        bool IsOver(Approval one) => one.ExpiresAt <= (one.Decision is null ? now : now - s_kept);
    }

    private string? Full(Approval asked)
    {
        var (ofCaller, ofAudit, ofNamespace, all) = (0, 0, 0, 0);
        foreach (Approval waits in _byId.Values.Where(one => one.Decision is null))
        {
            bool isOfNamespace = waits.Audit.Namespace == asked.Audit.Namespace;
            bool isOfAudit = isOfNamespace && waits.Audit.Name == asked.Audit.Name;
            all++;
            ofNamespace += isOfNamespace ? 1 : 0;
            ofAudit += isOfAudit ? 1 : 0;
            ofCaller += isOfAudit && waits.Caller == asked.Caller ? 1 : 0;
        }

        // Alone on a machine there are no namespaces that could take each other's places.
        return ApprovalLimits.Full(ofCaller, ofAudit, asked.Audit.Namespace.Length > 0 ? ofNamespace : 0, all);
    }

    private Change Tell(Change change)
    {
        if (change.News is { } news)
        {
            Changed?.Invoke(news);
        }

        return change;
    }

    private T Locked<T>(Func<T> work)
    {
        lock (_lock)
        {
            return work();
        }
    }

    // What is answered, and what all are told of.
    private readonly record struct Change(ApprovalAnswer Answer, Approval? News = null);
}
