namespace Ocx.Cli.Options;

/// <summary>How results are written.</summary>
internal enum OutputFormat
{
    /// <summary>The columns that matter most.</summary>
    Table,

    /// <summary>All columns.</summary>
    Wide,

    /// <summary>JSON.</summary>
    Json,
}
