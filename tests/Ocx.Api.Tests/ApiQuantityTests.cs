namespace Ocx.Api.Tests;

public sealed class ApiQuantityTests
{
    [Theory]
    [InlineData("512Mi")]
    [InlineData("0.5")]
    [InlineData(".5")]
    [InlineData("5.")]
    [InlineData("+1")]
    [InlineData("100m")]
    [InlineData("3k")]
    [InlineData("1E")]
    [InlineData("1E5")]
    [InlineData("12e-3")]
    [InlineData("999999999999999999Ei")]
    public void What_Kubernetes_reads_is_a_quantity(string text) => Assert.True(ApiQuantity.IsOne(text));

    [Theory]
    [InlineData("lots")]
    [InlineData("64MB")]
    [InlineData("64mi")]
    [InlineData("64 Mi")]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("-1")]
    [InlineData("1\n")]
    [InlineData("1,5")]
    [InlineData("NaN")]
    public void What_Kubernetes_does_not_read_or_no_node_has_is_none(string text) =>
        Assert.False(ApiQuantity.IsOne(text));

    // To compute it would take gigabytes, and minutes.
    [Fact]
    public void A_number_of_a_thousand_million_digits_is_none() => Assert.False(ApiQuantity.IsOne("1e999999999"));
}
