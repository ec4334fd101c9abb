using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Ocx.Audit.Signals;

namespace Ocx.Audit.Tests.Signals;

public class EntropyTests
{
    [Theory]
    [InlineData("", 0)]
    [InlineData("a", 0)]
    [InlineData("aaaaaaaaaaaaaaaa", 0)]
    [InlineData("ab", 1)]
    [InlineData("abcd", 2)]
    [InlineData("aabbccdd", 2)]
    [InlineData("0123456789abcdef", 4)]
    [InlineData("aaab", 0.811278)]
    [InlineData("1223334444", 1.846439)]
    public void It_is_Shannons(string text, double bits) =>
        Assert.Equal(bits, Entropy.Of(Encoding.ASCII.GetBytes(text)), 1e-6);

    [Fact]
    public void It_agrees_with_the_definition_at_every_length() =>
        Prop.ForAll(
                Gen.Choose(0, 300).Two().ToArbitrary(),
                sizes =>
                {
                    // Lengths around the places where another way of counting begins, and 1 to 256 different values.
                    byte[] bytes = new byte[(sizes.Item1 * sizes.Item1 / 7) + (sizes.Item1 % 8)];
                    var random = new Random((sizes.Item1 << 16) + sizes.Item2);
                    for (int at = 0; at < bytes.Length; at++)
                    {
                        bytes[at] = (byte)random.Next(Math.Clamp(sizes.Item2, 1, 256));
                    }

                    Assert.Equal(Defined(bytes), Entropy.Of(bytes), 1e-9);
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Theory]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(8191)]
    [InlineData(8192)]
    [InlineData(100_007)]
    public void Every_byte_counts_once(int length)
    {
        byte[] bytes = [.. Enumerable.Range(0, length).Select(at => (byte)(at * 7))];
        int[] counts = new int[256];
        Entropy.Count(bytes, counts);
        Assert.Equal(length, counts.Sum());
        Assert.Equal(bytes.Count(value => value == 7), counts[7]);
        Assert.Equal(Defined(bytes), Entropy.Of(bytes), 1e-9);
    }

    [Fact]
    public void It_lies_between_nothing_and_the_logarithm_of_the_length() =>
        Prop.ForAll<byte[]>(bytes =>
                Entropy.Of(bytes) is var bits
                && bits >= 0
                && bits <= Math.Log2(Math.Max(bytes.Length, 1)) + 1e-9
                && Math.Abs(bits - Entropy.Of([.. bytes.OrderBy(value => value)])) < 1e-9
            )
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Known_texts_have_what_is_said_of_them()
    {
        byte[] random = new byte[65536];
        new Random(1).NextBytes(random);
        Assert.InRange(Entropy.Of(random), 7.99, 8);
        Assert.InRange(Entropy.Of(Encoding.ASCII.GetBytes(Convert.ToBase64String(random))), 5.99, 6.01);
        Assert.InRange(Entropy.Of(Encoding.ASCII.GetBytes(Convert.ToHexString(random))), 3.99, 4);
        Assert.InRange(Entropy.Of(File.ReadAllBytes(Checkout.PathOf("docs", "architecture.md"))), 4.2, 5);
        Assert.InRange(Entropy.Of(File.ReadAllBytes(Checkout.PathOf("src", "Ocx.Mcp", "McpTracker.cs"))), 4.2, 5);
    }

    private static double Defined(byte[] bytes) =>
        bytes
            .GroupBy(value => value)
            .Select(group => (double)group.Count() / bytes.Length)
            .Sum(share => -share * Math.Log2(share));
}
