using Ocx.Audit.Intents;

namespace Ocx.Audit.Tests;

public class IntentTests
{
    [Fact]
    public void What_is_unknown_is_irreversible() => Assert.Equal(CallClass.Irreversible, default);
}
