using Ocx.Audit.Approvals;
using Ocx.Audit.Tokens;
using Ocx.Auditor.Audits;
using Ocx.Auditor.Deciding;
using Ocx.Auditor.Watching;

namespace Ocx.Auditor;

/// <summary>Composes what decides on calls.</summary>
internal static class DecidingServices
{
    /// <summary>Adds it.</summary>
    public static void AddDeciding(
        this IServiceCollection services,
        AuditSet audits,
        CalledServers? servers,
        CallRecords records,
        RevertKeyRing tokens,
        Feed feed,
        CancellationToken stopping
    )
    {
        services.AddSingleton(new ConnectedGates(TimeProvider.System));
        services.AddSingleton<GatedPods>();
        services.AddSingleton(provider => new PersonsWord(
            provider.GetRequiredService<IApprovals>(),
            TimeProvider.System
        ));
        services.AddSingleton(provider => new ApprovalNews(provider.GetRequiredService<IApprovals>()));
        services.AddSingleton(provider => new Judge(
            audits,
            servers,
            provider.GetRequiredService<ConnectedGates>(),
            records,
            provider.GetRequiredService<PersonsWord>(),
            provider.GetRequiredService<AuditorMetrics>(),
            TimeProvider.System,
            stopping
        ));
        services.AddSingleton(provider => new HoldJudge(
            audits,
            servers,
            records,
            new PersonsPatience(
                provider.GetRequiredService<PersonsWord>(),
                provider.GetRequiredService<ApprovalNews>(),
                TimeProvider.System
            ),
            new HoldNews(feed),
            tokens,
            provider.GetRequiredService<AuditorMetrics>(),
            TimeProvider.System,
            stopping
        ));
    }
}
