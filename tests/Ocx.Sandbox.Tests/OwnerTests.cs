using System.Diagnostics;
using Ocx.Sandbox.Bundles;
using Ocx.Sandbox.Sandboxes;
using Ocx.Sandbox.Tests.Harness;

namespace Ocx.Sandbox.Tests;

/// <summary>An auditor that is killed, and the next one.</summary>
public sealed class OwnerTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_killed_auditor_leaves_nothing_that_runs_and_the_next_start_cleans()
    {
        string state = Directory.CreateTempSubdirectory("ocx-sandbox-killed-").FullName;
        try
        {
            SandboxSpec spec = Machine.Hostile;
            using var owner = Process.Start(
                new ProcessStartInfo(
                    Checkout.PathOf("artifacts", "dotnet", "bin", "Ocx.Sandbox.Owner", "debug", "Ocx.Sandbox.Owner"),
                    [
                        state,
                        Machine.Options(state).Runsc,
                        string.Join(',', spec.Folders.Select(folder => folder.Source)),
                        string.Join(',', spec.Folders.Select(folder => folder.Path)),
                        .. spec.Command,
                    ]
                )
                {
                    RedirectStandardOutput = true,
                }
            )!;
            try
            {
                Assert.Equal(
                    "calling",
                    await owner.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken)
                );
                Left during = Left.In(state);
                Assert.NotEmpty(during.Processes);
                Assert.NotEmpty(during.Namespaces);
                Assert.NotEmpty(during.Groups);
            }
            finally
            {
                owner.Kill();
            }

            // The end of its input is what ends a sandbox: a moment later.
            long start = Stopwatch.GetTimestamp();
            while (Left.ProcessesOf(state).Any() && Stopwatch.GetElapsedTime(start) < s_patience)
            {
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }

            Assert.Empty(Left.In(state) with { Groups = "" } == Left.Nothing ? "" : "something runs");
            string left = Assert.Single(Directory.GetDirectories(state));
            using (SandboxMachine.Open(Machine.Options(state)))
            {
                Assert.False(Directory.Exists(left));
                Assert.Equal(Left.Nothing, Left.In(state));
                Assert.Empty(Directory.GetDirectories("/sys/fs/cgroup", $"ocx-sandbox-{Path.GetFileName(left)}-*"));
            }

            Assert.Empty(Directory.GetDirectories(state));
        }
        finally
        {
            Directory.Delete(state, recursive: true);
        }
    }

    [Fact]
    public void Auditors_that_share_a_folder_leave_each_others_sandboxes()
    {
        string state = Directory.CreateTempSubdirectory("ocx-sandbox-shared-").FullName;
        try
        {
            using var one = SandboxMachine.Open(Machine.Options(state));
            using var other = SandboxMachine.Open(Machine.Options(state));
            Assert.Equal(2, Directory.GetDirectories(state).Length);
        }
        finally
        {
            Directory.Delete(state, recursive: true);
        }
    }
}
