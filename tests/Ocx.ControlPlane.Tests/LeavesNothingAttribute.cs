using System.Reflection;
using Xunit.v3;

namespace Ocx.ControlPlane.Tests;

/// <summary>
/// After each test, whether it passed or failed, everything is gone that it made in the cluster: no test meets what
/// another one left.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
internal sealed class LeavesNothingAttribute : BeforeAfterTestAttribute
{
    // xUnit waits for nothing here.
    public override void After(MethodInfo methodUnderTest, IXunitTest test) =>
        Task.Run(ClearAsync).GetAwaiter().GetResult();

    private static async Task ClearAsync() => await (await TestContext.Current.GetFixture<Cluster>())!.ClearAsync();
}
