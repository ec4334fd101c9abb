using Ocx.Audit.Intents;
using Ocx.Audit.Jury;
using Ocx.Audit.Signals;

namespace Ocx.Audit.Tests.Signals;

/// <summary>What the tests of the juror share.</summary>
public abstract class SignalJurorTests
{
    protected static readonly DateTimeOffset Start = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);

    protected static readonly Intent Call = new()
    {
        Key = "call",
        Time = Start,
        Method = "tools/call",
        Tool = "save",
        RequestBytes = 500,
        Client = new Party { Namespace = "shop", Workload = "deployment/agent" },
        Server = new Party { Namespace = "shop", Workload = "deployment/files" },
    };

    protected static Vote Judge(SignalJuror juror, Intent intent)
    {
        Task<Vote> vote = juror.JudgeAsync(intent, TestContext.Current.CancellationToken).AsTask();
        Assert.True(vote.IsCompleted);
        return vote.GetAwaiter().GetResult();
    }

    protected static Vote Judge(ReadOnlyMemory<byte> arguments) =>
        Judge(new SignalJuror(new SignalOptions()), Call with { Arguments = arguments });
}
