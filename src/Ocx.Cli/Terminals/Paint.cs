namespace Ocx.Cli.Terminals;

/// <summary>The colours that lines use; tables have Spectre's.</summary>
internal enum Paint
{
    /// <summary>As it comes.</summary>
    None = 0,

    /// <summary>Wrong.</summary>
    Red = 31,

    /// <summary>Well.</summary>
    Green = 32,

    /// <summary>Worth a look.</summary>
    Yellow = 33,
}
