namespace Ocx.Kernel.Tests.Harness;

/// <summary>
/// A test that loads the real filter and sends real packets: it needs root, and says so where it cannot run.
/// </summary>
public abstract class KernelTest
{
    protected KernelTest() =>
        Assert.SkipUnless(
            Environment.IsPrivilegedProcess,
            "needs root: it creates network namespaces and loads the filter"
        );
}
