// Tests count processes, mounts and namespaces, and each takes what cores there are.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
[assembly: AssemblyFixture(typeof(Ocx.Sandbox.Tests.Harness.Machine))]
