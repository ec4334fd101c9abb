using System.Runtime.CompilerServices;
using Ocx.Mcp.Buffers;

namespace Ocx.Mcp.Tests.Buffers;

public class ByteArraysTests
{
    private readonly ByteArrays _arrays = new();

    [Fact]
    public void A_burst_leaves_no_more_behind_than_is_stated()
    {
        List<WeakReference<byte[]>> burst = Burst();
        GC.Collect();
        GC.WaitForPendingFinalizers();

        Assert.InRange(burst.Sum(Kept), 1, ByteArrays.MostKept);
    }

    [Fact]
    public void What_is_long_is_left_to_the_garbage_collector()
    {
        WeakReference<byte[]> array = RentAndReturn(ByteArrays.LongestKept + 1);
        GC.Collect();

        Assert.Equal(0, Kept(array));
    }

    [Fact]
    public void An_array_is_used_again()
    {
        byte[] array = _arrays.Rent(3000);
        _arrays.Return(array);

        Assert.Same(array, _arrays.Rent(3000));
    }

    // In methods of their own, so that nothing here holds the arrays any more.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private List<WeakReference<byte[]>> Burst()
    {
        var rented = new List<byte[]>();
        for (int length = 1; length <= 1 << 20; length *= 2)
        {
            for (int i = 0; i < 101; i++)
            {
                rented.Add(_arrays.Rent(length));
            }
        }

        rented.ForEach(_arrays.Return);
        return [.. rented.Select(array => new WeakReference<byte[]>(array))];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private WeakReference<byte[]> RentAndReturn(int length)
    {
        byte[] array = _arrays.Rent(length);
        _arrays.Return(array);
        return new(array);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Kept(WeakReference<byte[]> array) => array.TryGetTarget(out byte[]? kept) ? kept.Length : 0;
}
