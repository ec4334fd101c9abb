namespace Ocx.State.Clones;

/// <summary>Why there is no clone.</summary>
public enum CloneFailure
{
    /// <summary>The source cannot be reached.</summary>
    SourceDown,

    /// <summary>The source does not let us replicate: an account, a password, an access rule, no free sender.</summary>
    ReplicationRefused,

    /// <summary>The account at the source lacks a right.</summary>
    MissingPrivilege,

    /// <summary>The source holds more than a clone may.</summary>
    TooLarge,

    /// <summary>The copy did not end in time.</summary>
    TooSlow,

    /// <summary>The clone is further behind its source than it may be.</summary>
    LagTooGreat,

    /// <summary>There is no room for the clone on this machine's disk.</summary>
    DiskFull,

    /// <summary>The source's version is not one that can be cloned, or its programs are not on this machine.</summary>
    VersionNotSupported,

    /// <summary>The source uses something that a clone cannot have, such as tablespaces.</summary>
    SourceNotSupported,

    /// <summary>
    /// The role for the shadow may do more in the clone's server than change data: it could get out of its sandbox.
    /// </summary>
    RoleTooPowerful,

    /// <summary>The role or the database that the shadow is to use is not there.</summary>
    RoleMissing,

    /// <summary>The clone's process ended, or did not start.</summary>
    CloneDied,

    /// <summary>What happened in the clone could not be read.</summary>
    EffectsUnreadable,
}

/// <summary>There is no clone, or it is of no use.</summary>
public sealed class CloneException : Exception
{
    private const int MostText = 500;

    /// <summary>Says why.</summary>
    /// <param name="failure">The reason.</param>
    /// <param name="message">A sentence for people, which is cut at 500 characters.</param>
    /// <param name="inner">What was thrown.</param>
    public CloneException(CloneFailure failure, string message, Exception? inner = null)
        : base(message.Length > MostText ? message[..MostText] : message, inner) => Failure = failure;

    /// <summary>The reason.</summary>
    public CloneFailure Failure { get; }
}
