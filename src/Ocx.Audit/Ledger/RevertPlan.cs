using System.Text;
using Ocx.Text;

namespace Ocx.Audit.Ledger;

/// <summary>
/// How a call is taken back: by a call to the same server; or that it cannot be, though its audit declares how. It
/// holds nothing that is masked: it was made of the redacted call.
/// </summary>
public sealed record RevertPlan
{
    /// <summary>Characters of the longest name of a tool.</summary>
    public const int LongestTool = 128;

    /// <summary>Characters of the longest path.</summary>
    public const int LongestPath = 200;

    private RevertPlan() { }

    /// <summary>The tool that is called; empty when the call cannot be taken back.</summary>
    public string Tool { get; private init; } = string.Empty;

    /// <summary>Its arguments: the JSON text of an object, each character of it plain.</summary>
    public ReadOnlyMemory<byte> Arguments { get; private init; }

    /// <summary>Where the server speaks MCP: the path of its URL.</summary>
    public string Path { get; private init; } = string.Empty;

    /// <summary>Why the call cannot be taken back; null when it can.</summary>
    public string? Irreversible { get; private init; }

    /// <summary>It is taken back by a call.</summary>
    /// <param name="tool">The tool.</param>
    /// <param name="arguments">The JSON text of an object.</param>
    /// <param name="path">The path of the server's URL.</param>
    /// <returns>The plan; that it is irreversible when the arguments are too long to be kept.</returns>
    public static RevertPlan Call(string tool, ReadOnlySpan<byte> arguments, string path)
    {
        (string text, bool whole) = LedgerArguments.Cut(arguments);
        return whole
            ? new RevertPlan
            {
                Tool = tool,
                Arguments = Encoding.UTF8.GetBytes(text),
                Path = path,
            }
            : Never($"the arguments of {tool} have more than {LedgerLimits.Arguments} characters");
    }

    /// <summary>It cannot be taken back.</summary>
    /// <param name="why">Why, in one sentence without anything of the call.</param>
    public static RevertPlan Never(string why) => new() { Irreversible = WireText.Escape(why, LedgerLimits.Reason) };

    internal static RevertPlan Read(WireObject from)
    {
        if (from.Has("irreversible"))
        {
            return Never(from.Text("irreversible"));
        }

        byte[] arguments = Encoding.UTF8.GetBytes(from.Text("arguments"));
        RevertPlan plan = Call(
            WireText.Escape(from.Text("tool"), LongestTool),
            arguments,
            WireText.Escape(from.Text("path"), LongestPath)
        );
        return
            plan is { Irreversible: null, Tool.Length: > 0, Path: ['/', ..] } && plan.Arguments.Span is [(byte)'{', ..]
            ? plan
            : throw new FormatException("revert is no call");
    }
}

/// <summary>Of a record that is a revert: what was taken back, and by whom.</summary>
/// <param name="Call">The call that was taken back.</param>
/// <param name="By">Who did.</param>
/// <param name="Reason">Why, in his words; may be empty.</param>
public sealed record RevertAct(string Call, string By, string Reason);
