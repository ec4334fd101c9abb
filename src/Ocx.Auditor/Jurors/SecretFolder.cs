namespace Ocx.Auditor.Jurors;

/// <summary>Secrets as files, <c>NAME/KEY</c> in one folder, as a cluster mounts them. Read each time.</summary>
/// <param name="folder">The folder; null for none.</param>
internal sealed class SecretFolder(string? folder) : IJurorSecrets
{
    // Of a token or a key; and of a prompt.
    private const int LongestSecret = 64 << 10;

    /// <inheritdoc/>
    public bool AreThereFromTheStart => true;

    /// <inheritdoc/>
    public string Read(JurorSecret secret)
    {
        (_, string name, string key) = secret;
        if (folder is null)
        {
            throw new ArgumentException($"it needs the secret {name}/{key}: give the folder that has it by --secrets");
        }

        if (!IsName(name) || !IsName(key))
        {
            throw new ArgumentException("a secret's name and key are of letters, digits, '-', '_' and '.'");
        }

        try
        {
            string path = Path.Combine(folder, name, key);
            return new FileInfo(path).Length <= LongestSecret
                ? File.ReadAllText(path)
                : throw new ArgumentException($"{path} has more than {LongestSecret} bytes");
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            throw new ArgumentException($"the secret {name}/{key} cannot be read: {wrong.Message}", wrong);
        }
    }

    // No name leads out of the folder.
    private static bool IsName(string? text) =>
        text is { Length: > 0 and <= 253 }
        && text is not ("." or "..")
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
}
