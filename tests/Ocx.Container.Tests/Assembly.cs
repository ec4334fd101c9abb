using Ocx.Container.Tests;

[assembly: AssemblyFixture(typeof(Engine))]
// Agents on the host network see each other's traffic.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
