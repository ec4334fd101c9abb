using Ocx.Cluster.Tests;

// One cluster with one release in it: the tests are what an administrator does to it, one after the other.
[assembly: AssemblyFixture(typeof(Release))]
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
