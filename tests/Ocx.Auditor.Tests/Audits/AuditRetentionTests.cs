using Ocx.Api;
using Ocx.Audit.Ledger;
using Ocx.Auditor.Audits;

namespace Ocx.Auditor.Tests.Audits;

public sealed class AuditRetentionTests
{
    [Theory]
    [InlineData("12h", "512Mi", 12, 512L << 20)]
    [InlineData("30d", "1Gi", 30 * 24, 1L << 30)]
    [InlineData("9999d", "9999Gi", 9999 * 24, 9999L << 30)]
    public void Ages_and_sizes_are_read(string age, string size, int hours, long bytes) =>
        Assert.Equal(
            new LedgerRetention(TimeSpan.FromHours(hours), bytes),
            AuditRetention.Read(new V1Alpha1AuditRetention { Age = age, Size = size })
        );

    [Theory]
    [InlineData("0d", "1Gi", "age")]
    [InlineData("30m", "1Gi", "age")]
    [InlineData("1d\n", "1Gi", "age")]
    [InlineData("99999d", "1Gi", "age")]
    [InlineData(null, "1Gi", "age")]
    [InlineData("1d", "1G", "size")]
    [InlineData("1d", "10000Gi", "size")]
    [InlineData("1d", "", "size")]
    public void What_is_none_is_refused_by_its_field(string? age, string size, string field)
    {
        FormatException refused = Assert.Throws<FormatException>(() =>
            AuditRetention.Read(new V1Alpha1AuditRetention { Age = age!, Size = size })
        );
        Assert.StartsWith($"spec.retention.{field}: want", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_ledger_keeps_what_any_audit_wants_kept()
    {
        LedgerRetention day = new(TimeSpan.FromDays(1), 2L << 30);
        LedgerRetention week = new(TimeSpan.FromDays(7), 1L << 30);
        Assert.Equal(new(TimeSpan.FromDays(7), 2L << 30), LedgerRetention.Widest([day, week]));
        Assert.Equal(new(null, 2L << 30), LedgerRetention.Widest([day, new(null, 5)]));
        Assert.Equal(LedgerRetention.Forever, LedgerRetention.Widest([]));
    }
}
