using Ocx.Cluster.Tests;

// One cluster with one release in it. Tests on ports of their own go side by side; those that others would feel, one
// after the other.
[assembly: AssemblyFixture(typeof(Release))]
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.All, MaxThreads = 4)]

namespace Ocx.Cluster.Tests;

/// <summary>Tests that stop or replace what all taps of the cluster share, or that take a time.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
