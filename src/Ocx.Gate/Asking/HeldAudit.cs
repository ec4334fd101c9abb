using System.Globalization;
using System.Text;
using Ocx.Audit.Classes;
using Ocx.Audit.Intents;
using Ocx.Audit.Wire;
using ToolHints = Ocx.Audit.Intents.ToolHints;

namespace Ocx.Gate.Asking;

/// <summary>One audit whose calls are held, ready to be asked about calls. For any thread.</summary>
internal sealed class HeldAudit
{
    /// <summary>The longest that anything may be held: clients give up after 60 s.</summary>
    public static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(55);

    // What McpAudits may have, with room: a sender that passes these is broken or hostile.
    private const int LongestName = 512;
    private const int MaxPods = 4096;
    private const int MaxMethods = 64;
    private const int MaxTools = 256;
    private const int MaxClasses = 8192;

    private readonly HashSet<string> _methods;
    private readonly Glob[] _tools;
    private readonly Classifier _classifier;

    private HeldAudit(GateAudit said)
    {
        Name = said.Audit;
        Port = (ushort)said.Port;
        Pods = [.. said.Pods.Select(pod => new HeldPod(pod.Namespace, pod.Name, pod.Uid, pod.HostNetwork))];
        _methods = [.. said.Methods];
        _tools = [.. said.Tools.Select(tool => ToGlob(tool, said.Audit))];
        _classifier = new(
            [
                .. said.Classes.Select(rule => new ClassRule(
                    ToGlob(rule.Tools, said.Audit),
                    rule.Reversible ? CallClass.Reversible : CallClass.Irreversible
                )),
            ],
            said.TrustAnnotations
        );
        FailurePolicy = said.FailurePolicy;
        MaxHold = TimeSpan.FromTicks((long)(said.MaxHoldNs / 100));
        ReleaseOnDeadline = said.ReleaseOnDeadline;
    }

    /// <summary>"namespace/name", or "name" without a cluster; empty until an auditor has named its audits.</summary>
    public string Name { get; }

    /// <summary>The server's TCP port.</summary>
    public ushort Port { get; }

    /// <summary>The node's pods that it selects; empty without a cluster.</summary>
    public IReadOnlyList<HeldPod> Pods { get; }

    /// <summary>What becomes of what cannot be held or judged.</summary>
    public GateFailurePolicy FailurePolicy { get; }

    /// <summary>The longest that one of its calls is held.</summary>
    public TimeSpan MaxHold { get; }

    /// <summary>A call without a verdict by then passes.</summary>
    public bool ReleaseOnDeadline { get; }

    /// <summary>Reads what the auditor says.</summary>
    /// <exception cref="FormatException">It is not within the contract's bounds; the message says why.</exception>
    public static HeldAudit Of(GateAudit said)
    {
        Want(said.Audit is { Length: > 0 and <= LongestName } name && name.All(IsOfName), "an audit has no valid name");
        Want(said.Port is > 0 and <= ushort.MaxValue, $"{said.Audit}: {said.Port} is no TCP port");
        Want(said.Pods.Count <= MaxPods, $"{said.Audit}: {said.Pods.Count} pods");
        Want(
            said.Pods.All(pod => pod is { Namespace.Length: <= 253, Name.Length: <= 253, Uid.Length: > 0 and <= 64 }),
            $"{said.Audit}: a pod is not valid"
        );
        Want(said.Methods.Count is > 0 and <= MaxMethods, $"{said.Audit}: {said.Methods.Count} methods");
        Want(
            said.Methods.All(method => method.Length > 0 && Encoding.UTF8.GetByteCount(method) <= AuditBounds.Method),
            $"{said.Audit}: a method is not valid"
        );
        Want(said.Tools.Count <= MaxTools, $"{said.Audit}: {said.Tools.Count} globs of tools");
        Want(said.Classes.Count <= MaxClasses, $"{said.Audit}: {said.Classes.Count} classes");
        Want(
            said.FailurePolicy is GateFailurePolicy.Open or GateFailurePolicy.Closed,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{said.Audit}: failure policy {(int)said.FailurePolicy} is not known"
            )
        );
        Want(
            said.MaxHoldNs > 0 && said.MaxHoldNs <= (ulong)LongestHold.Ticks * 100,
            $"{said.Audit}: a longest hold of {said.MaxHoldNs} ns"
        );
        return new(said);
    }

    /// <summary>What is held as long as no auditor has said anything: every call of a tool.</summary>
    public static HeldAudit Unnamed(ushort port, GateFailurePolicy policy) =>
        new(
            new()
            {
                Port = port,
                Methods = { "tools/call" },
                FailurePolicy = policy,
                MaxHoldNs = 10_000_000_000,
            }
        );

    /// <summary>Is a call of this method and tool its own, as far as a gate can tell?</summary>
    public bool Includes(string method, string tool)
    {
        if (!_methods.Contains(method))
        {
            return false;
        }

        // Asked for each call, audited or not: no delegate.
        foreach (Glob glob in _tools)
        {
            if (glob.IsMatch(tool))
            {
                return true;
            }
        }

        return _tools.Length == 0;
    }

    /// <summary>Are calls of this method its own, if the tool is?</summary>
    public bool HasMethod(string method) => _methods.Contains(method);

    /// <summary>The class of a call of this tool.</summary>
    public CallClass ClassOf(string tool, ToolHints hints) => _classifier.Of(tool, hints);

    private static bool IsOfName(char letter) =>
        char.IsAsciiLetterOrDigit(letter) || letter is '-' or '.' or '/' or '_';

    private static Glob ToGlob(string pattern, string audit) =>
        Glob.TryParse(pattern, out Glob? glob)
            ? glob
            : throw new FormatException($"{audit}: a pattern of tools is empty or too long");

    private static void Want(bool holds, string orElse)
    {
        if (!holds)
        {
            throw new FormatException(orElse);
        }
    }
}

/// <summary>A pod of the gate's node.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
/// <param name="Uid">Its uid, as the kubelet writes it.</param>
/// <param name="HostNetwork">Its processes are in the node's own network namespace.</param>
internal sealed record HeldPod(string Namespace, string Name, string Uid, bool HostNetwork);
