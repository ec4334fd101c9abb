using System.ComponentModel;
using System.Diagnostics;
using Ocx.Text;

namespace Ocx.Gate.Rules;

/// <summary>
/// The programs of one IP version: iptables or ip6tables. They work on the network namespace of the thread that starts
/// them.
/// </summary>
internal sealed class FilterProgram(string name)
{
    // Seconds to wait for another program that changes rules.
    private const string LockWait = "5";

    private const int MostSaid = 500;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    /// <summary>The program's name.</summary>
    public string Name => name;

    /// <summary>
    /// The program, or where the kernel does not know its kind of rules, the one for older tables beside it, as
    /// distributions name it: iptables-legacy.
    /// </summary>
    /// <exception cref="RulesException">The program is missing, or failed, and so would the other.</exception>
    public static FilterProgram Working(string name)
    {
        var program = new FilterProgram(name);
        try
        {
            program.Read();
            return program;
        }
        catch (RulesException)
        {
            var legacy = new FilterProgram($"{name}-legacy");
            if (legacy.CanRead())
            {
                return legacy;
            }

            throw;
        }
    }

    /// <summary>Reads what there is of a gate's rules.</summary>
    /// <exception cref="RulesException">The program is missing, or failed.</exception>
    public PresentRules Read() => PresentRules.Parse(Run(name, ["-w", LockWait, "-t", RuleText.Table, "-S"], ""));

    /// <summary>Carries out a text of <see cref="RuleText"/>, all of it or nothing.</summary>
    /// <exception cref="RulesException">The program is missing, or failed.</exception>
    public void Restore(string text) => Run($"{name}-restore", ["-w", LockWait, "--noflush"], text);

    private bool CanRead()
    {
        try
        {
            Read();
            return true;
        }
        catch (RulesException)
        {
            return false;
        }
    }

    private static string Run(string program, string[] arguments, string input)
    {
        var start = new ProcessStartInfo(Find(program), arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Process? process;
        try
        {
            process = Process.Start(start);
        }
        catch (Win32Exception exception)
        {
            throw new RulesException(
                $"could not start {program}: {exception.Message}; install the package iptables, which the gate's "
                    + "image has"
            );
        }
        using (process)
        {
            return Finish(process!, program, input);
        }
    }

    private static string Finish(Process process, string program, string input)
    {
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        try
        {
            process.StandardInput.Write(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading, and says why.
        }
        if (!process.WaitForExit(s_limit))
        {
            process.Kill(entireProcessTree: true);
            throw new RulesException(
                $"{program} did not end in {s_limit.TotalSeconds} s; look for a program that holds /run/xtables.lock"
            );
        }
        string said = error.GetAwaiter().GetResult();
        return process.ExitCode == 0
            ? output.GetAwaiter().GetResult()
            : throw new RulesException(
                $"{program} failed with {process.ExitCode}: {WireText.Escape(said.Trim(), MostSaid)}; it takes the "
                    + "capability NET_ADMIN, and the kernel's modules xt_NFQUEUE and xt_mark with ip_tables or "
                    + "nft_compat"
            );
    }

    // A service's path often lacks the folders of the administrator's programs.
    private static string Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Concat(["/usr/sbin", "/sbin"])
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists)
        ?? program;
}
