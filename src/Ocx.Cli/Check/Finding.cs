namespace Ocx.Cli.Check;

/// <summary>How a check came out.</summary>
internal enum Level
{
    /// <summary>As it must be.</summary>
    Ok,

    /// <summary>It works, with less.</summary>
    Warn,

    /// <summary>It cannot work.</summary>
    Fail,
}

/// <summary>What a check found.</summary>
/// <param name="Level">How it came out.</param>
/// <param name="What">What was looked at, and what was found.</param>
/// <param name="Do">What to do about it; empty where all is well.</param>
internal sealed record Finding(Level Level, string What, string Do = "")
{
    /// <summary>All is well.</summary>
    public static Finding Ok(string what) => new(Level.Ok, what);

    /// <summary>It works, with less.</summary>
    public static Finding Warn(string what, string todo) => new(Level.Warn, what, todo);

    /// <summary>It cannot work.</summary>
    public static Finding Fail(string what, string todo) => new(Level.Fail, what, todo);
}
