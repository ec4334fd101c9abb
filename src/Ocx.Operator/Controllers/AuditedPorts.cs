using System.Collections.Concurrent;
using k8s.Models;
using Ocx.Api;
using Ocx.Kube;
using Ocx.Operator.Options;
using Ocx.Operator.Resources;
using Ocx.Operator.Runtime;

namespace Ocx.Operator.Controllers;

/// <summary>
/// The ports on which calls are audited, and what a tap's agents are given for that: kept as audits come and go. For
/// any thread.
/// </summary>
internal sealed class AuditedPorts
{
    private readonly ConcurrentDictionary<string, AuditedPort> _ports = [];
    private readonly AuditorEndpoint? _auditor;
    private readonly string? _authority;

    /// <summary>Follows the audits that there are.</summary>
    public AuditedPorts(Informer<V1Alpha1McpAudit> audits, AuditorEndpoint auditor, OperatorOptions options)
    {
        _auditor = auditor;
        _authority = options.AuditorTlsSecret;
        audits.Changed += changed => Set(audits.KeyOf(changed), audits.Find(audits.KeyOf(changed)));
    }

    private AuditedPorts() { }

    /// <summary>Nothing is audited.</summary>
    public static AuditedPorts None { get; } = new();

    /// <summary>What is audited on a port has changed.</summary>
    public event Action<int>? Changed;

    /// <summary>What the agents of a tap are given; null where none of its ports is audited.</summary>
    public AgentAuditing? Of(V1Alpha1McpTap tap)
    {
        if (_auditor?.Current is not { } service || _ports.IsEmpty)
        {
            return null;
        }

        var ports = PortsOf(tap).ToHashSet();
        var methods = _ports
            .Values.Where(audited => ports.Contains(audited.Port))
            .SelectMany(audited => audited.Methods.Split(','))
            .Distinct()
            .Order(StringComparer.Ordinal)
            .ToList();
        return methods.Count == 0 ? null : new(new(service.Url, _authority), string.Join(',', methods));
    }

    /// <summary>The ports of a tap.</summary>
    public static IEnumerable<int> PortsOf(V1Alpha1McpTap tap) =>
        (tap.Spec.AdditionalPorts ?? []).Prepend(tap.Spec.Port).Distinct();

    /// <summary>What is wrong with an audit; null when nothing is.</summary>
    public static string? Problem(V1Alpha1McpAudit audit) => audit.Problem ?? SpecRules.Problem(audit.Spec);

    private void Set(string key, V1Alpha1McpAudit? audit)
    {
        // What cannot be carried out is told of by no agent.
        AuditedPort? next =
            audit is not null && audit.DeletionTimestamp() is null && Problem(audit) is null
                ? new(audit.Spec.Server!.Port, string.Join(',', audit.Spec.Match.Methods))
                : null;
        AuditedPort? before = _ports.TryGetValue(key, out var known) ? known : null;
        if (next == before)
        {
            return;
        }

        if (next is { } audited)
        {
            _ports[key] = audited;
        }
        else
        {
            _ports.TryRemove(key, out _);
        }

        foreach (var port in new[] { before?.Port, next?.Port }.OfType<int>().Distinct())
        {
            Changed?.Invoke(port);
        }
    }

    private readonly record struct AuditedPort(int Port, string Methods);
}
