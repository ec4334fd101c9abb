namespace Ocx.Auditor.Jurors;

/// <summary>What a juror needs beside the audit.</summary>
/// <param name="Kind"><c>Secret</c> or <c>ConfigMap</c>.</param>
/// <param name="Name">The object's name.</param>
/// <param name="Key">The key in its data.</param>
internal readonly record struct JurorSecret(string Kind, string Name, string Key)
{
    public const string Secret = "Secret";
    public const string ConfigMap = "ConfigMap";

    /// <summary>As a message has it.</summary>
    public override string ToString() => $"{Kind} {Name}, key {Key}";
}

/// <summary>Where the jurors' secrets are: files on one machine, Secrets in a cluster.</summary>
internal interface IJurorSecrets
{
    /// <summary>
    /// Must they be there when the audit is built? If not, a juror without its secret fails until it is there.
    /// </summary>
    bool AreThereFromTheStart { get; }

    /// <summary>The present value.</summary>
    /// <exception cref="ArgumentException">It is not there, or of no use; the message says what.</exception>
    string Read(JurorSecret secret);
}
