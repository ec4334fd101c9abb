namespace Ocx.Cli.Exits;

/// <summary>What the process ends with: the same numbers as the agent's, and as docs/cli.md has them.</summary>
internal static class ExitCodes
{
    /// <summary>All is well.</summary>
    public const int Ok = 0;

    /// <summary>It failed under way; of <c>ocx check</c>: not able.</summary>
    public const int Failed = 1;

    /// <summary>It could not be started as it was asked to.</summary>
    public const int CannotStart = 2;
}
