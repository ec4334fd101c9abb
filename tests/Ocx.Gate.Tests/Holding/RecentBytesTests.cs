using Ocx.Gate.Holding;

namespace Ocx.Gate.Tests.Holding;

public sealed class RecentBytesTests
{
    [Fact]
    public void Pieces_are_known_again_as_they_were_and_with_no_byte_changed()
    {
        var random = new Random(7);
        for (int length = 1; length < 100; length++)
        {
            byte[] first = new byte[length],
                second = new byte[length + 1];
            random.NextBytes(first);
            random.NextBytes(second);
            var recent = new RecentBytes();
            recent.Add(5, first);
            recent.Add(5 + length, second);
            Assert.True(recent.Has(5, first));
            byte[] both = [.. first, .. second];
            Assert.True(recent.Has(5, both));
            for (int at = 0; at < both.Length; at++)
            {
                both[at] ^= 0x80;
                Assert.False(recent.Has(5, both));
                both[at] ^= 0x80;
            }
        }
    }

    [Fact]
    public void Only_the_newest_pieces_are_known()
    {
        var recent = new RecentBytes();
        for (int offset = 0; offset < 9; offset++)
        {
            recent.Add(offset, [(byte)offset]);
        }

        Assert.False(recent.Has(0, [0]));
        Assert.True(recent.Has(1, [1, 2, 3, 4, 5, 6, 7, 8]));
    }
}
