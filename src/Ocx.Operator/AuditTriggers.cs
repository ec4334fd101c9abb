using System.Collections.Concurrent;
using k8s.Models;
using Ocx.Api;
using Ocx.Kube;
using Ocx.Operator.Controllers;
using Ocx.Operator.Resources;
using Ocx.Operator.Runtime;

namespace Ocx.Operator;

/// <summary>What makes taps look at audits again, and audits at taps and the auditor.</summary>
internal static class AuditTriggers
{
    // Several audits are applied at once as a rule, and agents are rolled out once.
    private static readonly TimeSpan s_delay = TimeSpan.FromSeconds(1);

    /// <summary>A tap's agents are told of audits on its ports, and of the auditor's address.</summary>
    public static Trigger<McpTapController> OfTaps(IServiceProvider services)
    {
        var taps = services.GetRequiredService<Informer<V1Alpha1McpTap>>();
        return new(add =>
        {
            services.GetRequiredService<AuditedPorts>().Changed += port => Add(tap => PortsOf(tap).Contains(port));
            services.GetRequiredService<AuditorEndpoint>().Changed += () => Add(_ => true);

            void Add(Predicate<V1Alpha1McpTap> isConcerned)
            {
                foreach (var tap in taps.All.Where(tap => isConcerned(tap)))
                {
                    add(tap.Name(), s_delay);
                }
            }
        });
    }

    /// <summary>An audit's status tells of taps and of the auditor.</summary>
    public static Trigger<McpAuditController> OfAudits(IServiceProvider services)
    {
        var audits = services.GetRequiredService<Informer<V1Alpha1McpAudit>>();
        var taps = services.GetRequiredService<Informer<V1Alpha1McpTap>>();
        var known = new ConcurrentDictionary<string, string>();
        return new(add =>
        {
            services.GetRequiredService<Informer<V1StatefulSet>>().Changed += _ => AddAll();
            services.GetRequiredService<Informer<V1DaemonSet>>().Changed += set =>
            {
                if (set.Name() == GateNames.Gate)
                {
                    AddAll();
                }
            };
            taps.Changed += tap =>
            {
                // A tap's status changes all the time, and says nothing to an audit.
                var version = taps.Find(tap.Name()) is { } present
                    ? $"{present.Uid()}/{present.Metadata.Generation}"
                    : string.Empty;
                if (known.GetValueOrDefault(tap.Name(), string.Empty) != version)
                {
                    if (version.Length == 0)
                    {
                        known.TryRemove(tap.Name(), out string? _);
                    }
                    else
                    {
                        known[tap.Name()] = version;
                    }

                    AddAll();
                }
            };

            void AddAll()
            {
                foreach (var audit in audits.All)
                {
                    add(audits.KeyOf(audit), TimeSpan.Zero);
                }
            }
        });
    }

    // A tap that cannot be read is not brought anywhere.
    private static IEnumerable<int> PortsOf(V1Alpha1McpTap tap) => tap.Problem is null ? AuditedPorts.PortsOf(tap) : [];
}
