using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Ocx.Bpf;
using Ocx.NodeAgent.Capture;

namespace Ocx.Kernel.Tests;

/// <summary>
/// bpf/event.h and its mirror in C# agree, field by field, by the type information of the compiled filter.
/// </summary>
public sealed class LayoutTests
{
    [Fact]
    public void The_record_header_is_the_same_in_C_and_in_CSharp() => AssertSameLayout<SegmentHeader>("ocx_record");

    [Fact]
    public void The_counters_are_the_same_in_C_and_in_CSharp() => AssertSameLayout<TapCounters>("ocx_counters");

    private static void AssertSameLayout<T>(string name)
        where T : unmanaged
    {
        using BpfObject filter = BpfObject.Open(FilterObject.Bytes, Tap.ProgramName);
        (int size, IReadOnlyList<(string Name, int Offset)> members) = filter.Btf.DescribeStruct(name);

        Assert.Equal(size, Unsafe.SizeOf<T>());
        Assert.Equal(
            members.Select(member => (member.Name.Replace("_", "", StringComparison.Ordinal), member.Offset)),
            typeof(T)
                .GetFields(BindingFlags.Instance | BindingFlags.Public)
#pragma warning disable CA1308 // C's names are lower case.
                .Select(field => (field.Name.ToLowerInvariant(), (int)Marshal.OffsetOf<T>(field.Name)))
        );
#pragma warning restore CA1308
    }
}
