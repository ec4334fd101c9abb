using Ocx.ControlPlane.Tests;

// One control plane for all: it takes a second and some hundred megabytes, and the tests' times are measured on it.
[assembly: AssemblyFixture(typeof(Cluster))]
[assembly: LeavesNothing]
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
