namespace Ocx.Bpf;

/// <summary>
/// The kernel's verifier rejected a program. The message carries its last words, <see cref="Log"/> all of them.
/// </summary>
public sealed class VerifierException : BpfException
{
    /// <summary>Creates the exception from the verifier's log.</summary>
    public VerifierException(string program, int errno, string log)
        : base(errno, $"the kernel's verifier rejected {program} (errno {errno}): {LastWords(log)}") => Log = log;

    /// <summary>The verifier's log, whole.</summary>
    public string Log { get; }

    // The log ends with a line of statistics ("processed N insns …"); the reason stands before it.
    private static string LastWords(string log) =>
        log.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .LastOrDefault(line =>
                !line.StartsWith("processed ", StringComparison.Ordinal)
                && !line.StartsWith("verification time ", StringComparison.Ordinal)
                && !line.StartsWith("stack depth ", StringComparison.Ordinal)
            )
        ?? "no log";
}
