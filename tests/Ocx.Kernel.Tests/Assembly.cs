// The tests share the machine's two or three CPUs with the packets they send, and some count what the kernel holds.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
