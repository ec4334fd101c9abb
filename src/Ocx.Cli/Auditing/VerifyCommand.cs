using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using Ocx.Audit.Ledger;
using Ocx.Cli.Exits;
using Ocx.Cli.Options;
using Ocx.Cli.Terminals;

namespace Ocx.Cli.Auditing;

/// <summary><c>ocx audit verify</c>: is the ledger as it was written?</summary>
internal static class VerifyCommand
{
    private const int LongestKey = 4096;

    /// <summary>Describes the command.</summary>
    public static Command Create(Terminal terminal)
    {
        var file = new Argument<string?>("FILE")
        {
            Description = "The ledger's lines, or - for standard input (default: ask the auditor)",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var auditor = AuditorSocket.Option();
        var key = CliOption.Text("--key", "FILE", "Public keys that are trusted, in PEM (default: the auditor's own)");
        var head = CliOption.Text("--head", "FILE", "A head that was kept elsewhere: the ledger must reach it");
        var command = new Command(
            "verify",
            """
            Tell whether a ledger is as it was written: each record that was changed, removed, reordered or inserted, an
            end that was cut, and what no trusted key has signed.

            Examples:
              sudo ocx audit verify
              ocx audit verify ledger.ndjson --key auditor.pem
            """
        )
        {
            file,
            auditor,
            key,
            head,
        };
        command.SetAction(
            (parse, cancellation) =>
                RunAsync(
                    terminal,
                    parse.GetValue(file),
                    parse.GetValue(auditor),
                    parse.GetValue(key),
                    parse.GetValue(head),
                    cancellation
                )
        );
        return command;
    }

    private static async Task<int> RunAsync(
        Terminal terminal,
        string? file,
        string? auditor,
        string? keyFile,
        string? headFile,
        CancellationToken cancellation
    )
    {
        using AuditorSocket? socket = file is null ? AuditorSocket.Of(auditor) : null;
        IReadOnlyList<LedgerPublicKey> keys = await KeysAsync(terminal, socket, keyFile, cancellation)
            .ConfigureAwait(false);
        using var verifier = new LedgerVerifier(keys);
        if (headFile is not null && !verifier.Expect(File.ReadAllBytes(headFile).AsSpan().TrimEnd("\r\n"u8)))
        {
            throw CliException.CannotStart($"{headFile} holds no head of a ledger");
        }

        using (Stream lines = await LinesAsync(terminal, socket, file, cancellation).ConfigureAwait(false))
        {
            verifier.ReadAll(lines);
        }

        LedgerReport report = verifier.Finish();
        foreach (LedgerProblem problem in report.Problems)
        {
            terminal.Output.WriteLine($"{problem.Kind} {problem.Chain}: {problem.Text}");
        }

        foreach (LedgerChainReport chain in report.Chains)
        {
            terminal.Output.WriteLine(Tell(chain));
        }

        await terminal.Output.FlushAsync(cancellation).ConfigureAwait(false);
        return report.IsWhole
            ? ExitCodes.Ok
            : throw CliException.Failed($"the ledger is not as it was written; found wrong: {report.ProblemCount}");
    }

    private static string Tell(LedgerChainReport chain)
    {
        string dropped = chain.Dropped > 0 ? $", {chain.Dropped} dropped by retention" : string.Empty;
        string unsigned =
            chain.SignedThrough < chain.Last ? $"; signed through record {chain.SignedThrough}" : ", all signed";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{chain.Chain}: {chain.Records} records{dropped}, the last is {chain.Last}{unsigned}"
        );
    }

    private static async Task<IReadOnlyList<LedgerPublicKey>> KeysAsync(
        Terminal terminal,
        AuditorSocket? socket,
        string? file,
        CancellationToken cancellation
    )
    {
        try
        {
            if (file is not null)
            {
                return LedgerPublicKey.AllFromPem(
                    await File.ReadAllTextAsync(file, cancellation).ConfigureAwait(false)
                );
            }

            if (socket is null)
            {
                throw CliException.CannotStart("--key is wanted: whose signatures count in this file?");
            }

            using Stream? answer = await socket.GetAsync("v1/ledger/key", cancellation).ConfigureAwait(false);
            byte[] pem = new byte[LongestKey];
            int length = await answer!.ReadAtLeastAsync(pem, LongestKey, false, cancellation).ConfigureAwait(false);
            IReadOnlyList<LedgerPublicKey> keys = LedgerPublicKey.AllFromPem(
                System.Text.Encoding.UTF8.GetString(pem, 0, length)
            );
            foreach (LedgerPublicKey key in keys)
            {
                terminal.Say($"trusting the auditor's own key {key.Id}; keep it elsewhere, and give it by --key");
            }

            return keys;
        }
        catch (Exception wrong) when (wrong is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw CliException.CannotStart($"cannot use the key: {wrong.Message}", wrong);
        }
    }

    private static async Task<Stream> LinesAsync(
        Terminal terminal,
        AuditorSocket? socket,
        string? file,
        CancellationToken cancellation
    )
    {
        if (socket is not null)
        {
            return await socket.GetAsync("v1/ledger/lines", cancellation).ConfigureAwait(false) ?? Stream.Null;
        }

        try
        {
            return file == "-" ? terminal.Input : File.OpenRead(file!);
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            throw CliException.CannotStart($"cannot open {file}: {wrong.Message}", wrong);
        }
    }
}
