using System.Text;
using Ocx.Audit.Ledger;

namespace Ocx.Audit.Tests.Ledger;

public sealed class LedgerVerifierTests : IDisposable
{
    private readonly LedgerSigningKey _key = LedgerSigningKey.Create();
    private readonly LedgerSigningKey _next = LedgerSigningKey.Create();

    public void Dispose()
    {
        _key.Dispose();
        _next.Dispose();
    }

    [Fact]
    public void A_whole_ledger_is_whole()
    {
        LedgerReport report = Sample.Verify(Sample.Ledger(25, _key), _key.PublicKey);
        Assert.Empty(report.Problems);
        Assert.True(report.IsWhole);
        Assert.Equal([new LedgerChainReport(Sample.Chain, 25, 0, 25, 25)], report.Chains);
        Assert.Equal(29, report.Lines);
    }

    [Fact]
    public void Records_behind_the_last_head_are_said_to_be_unsigned()
    {
        List<byte[]> lines = Sample.Ledger(25, _key);
        lines.RemoveAt(lines.Count - 1);
        LedgerChainReport chain = Assert.Single(Sample.Verify(lines, _key.PublicKey).Chains);
        Assert.Equal((25, 20), (chain.Last, chain.SignedThrough));
    }

    [Fact]
    public void Chains_may_be_mixed()
    {
        List<byte[]> a = Sample.Ledger(12, _key);
        List<byte[]> b = Sample.Ledger(12, _key, "auditor-1");
        byte[][] mixed = [.. a.Zip(b).SelectMany(pair => new[] { pair.First, pair.Second })];
        LedgerReport report = Sample.Verify(mixed, _key.PublicKey);
        Assert.True(report.IsWhole);
        Assert.Equal([12, 12], report.Chains.Select(chain => chain.SignedThrough));

        // A record of one chain is none of the other.
        byte[] foreign = Encoding.UTF8.GetBytes(
            Sample.Text(b[Sample.IndexOf(b, 5)]).Replace("auditor-1", Sample.Chain, StringComparison.Ordinal)
        );
        a[Sample.IndexOf(a, 5)] = foreign;
        Assert.Contains(
            Sample.Verify(a, _key.PublicKey).Problems,
            problem => problem is { Kind: LedgerProblemKind.Changed, First: 5 }
        );
    }

    [Fact]
    public void A_head_introduces_the_next_key()
    {
        List<byte[]> lines = Sample.Ledger(10, _key);
        LedgerPosition at = LedgerRecord.Read(lines[^2])!.Position;
        lines.Add(Sample.Head(Sample.Chain, at, _key, _next.PublicKey));
        LedgerLine record = LedgerRecordWriter.Write(Sample.Chain, at, Sample.Entry("later"));
        lines.Add(record.Bytes.ToArray());
        lines.Add(Sample.Head(Sample.Chain, record.Position, _next));
        LedgerReport report = Sample.Verify(lines, _key.PublicKey);
        Assert.True(report.IsWhole);
        Assert.Equal(11, report.Chains[0].SignedThrough);

        // The old key signs nothing any more.
        lines[^1] = Sample.Head(Sample.Chain, record.Position, _key);
        Assert.Equal(LedgerProblemKind.UnknownKey, Assert.Single(Sample.Verify(lines, _key.PublicKey).Problems).Kind);

        // Without the introduction the new key is nobody's.
        lines[^1] = Sample.Head(Sample.Chain, record.Position, _next);
        lines.RemoveAt(lines.Count - 3);
        Assert.Equal(LedgerProblemKind.UnknownKey, Assert.Single(Sample.Verify(lines, _key.PublicKey).Problems).Kind);
    }

    [Fact]
    public void A_stub_stands_for_what_was_dropped()
    {
        List<byte[]> lines = Sample.Ledger(25, _key);
        LedgerPosition last = LedgerRecord.Read(lines[Sample.IndexOf(lines, 12)])!.Position;
        byte[] dropped = lines[Sample.IndexOf(lines, 12)];
        byte[] stub = LedgerSeals.WriteStub(Sample.Chain, 1, last, Sample.Time, _key).Bytes.ToArray();
        List<byte[]> rest = [stub, .. lines[Sample.IndexOf(lines, 13)..]];
        LedgerReport report = Sample.Verify(rest, _key.PublicKey);
        Assert.True(report.IsWhole);
        Assert.Equal([new LedgerChainReport(Sample.Chain, 13, 12, 25, 25)], report.Chains);

        Assert.Equal((LedgerProblemKind.Removed, 1, 12), Only(Sample.Verify(rest[1..], _key.PublicKey)));
        Assert.Equal((LedgerProblemKind.Inserted, 12, 12), Only(Sample.Verify([.. rest, dropped], _key.PublicKey)));
        Assert.Contains(
            Sample.Verify([stub, .. rest[2..]], _key.PublicKey).Problems,
            problem => problem is { Kind: LedgerProblemKind.Removed, First: 13, Last: 13 }
        );
        byte[] forged = LedgerSeals.WriteStub(Sample.Chain, 1, last, Sample.Time, _next).Bytes.ToArray();
        Assert.Contains(
            Sample.Verify([forged, .. rest[1..]], _key.PublicKey).Problems,
            problem => problem.Kind == LedgerProblemKind.UnknownKey
        );
    }

    [Fact]
    public void A_key_that_was_replaced_drops_nothing()
    {
        List<byte[]> lines = Sample.Ledger(10, _key);
        LedgerPosition at = LedgerRecord.Read(lines[^2])!.Position;
        byte[] rotation = Sample.Head(Sample.Chain, at, _key, _next.PublicKey);
        byte[] byNew = LedgerSeals.WriteStub(Sample.Chain, 1, at, Sample.Time, _next).Bytes.ToArray();
        byte[] byOld = LedgerSeals.WriteStub(Sample.Chain, 1, at, Sample.Time, _key).Bytes.ToArray();
        Assert.True(Sample.Verify([rotation, byNew], _key.PublicKey).IsWhole);
        Assert.False(Sample.Verify([rotation, byOld], _key.PublicKey).IsWhole);
    }

    [Fact]
    public void A_cut_end_shows_when_a_later_head_is_known()
    {
        List<byte[]> lines = Sample.Ledger(25, _key);
        byte[] head = lines[^1];
        List<byte[]> cut = lines[..Sample.IndexOf(lines, 21)];
        Assert.True(Sample.Verify(cut, _key.PublicKey).IsWhole); // nothing in it tells
        using var verifier = new LedgerVerifier([_key.PublicKey]);
        Assert.True(verifier.Expect(head));
        Assert.False(verifier.Expect("{}"u8));
        cut.ForEach(line => verifier.Read(line));
        Assert.Equal((LedgerProblemKind.Cut, 21, 25), Only(verifier.Finish()));
        Assert.Equal((LedgerProblemKind.Cut, 21, 25), Only(Sample.Verify([.. cut, head], _key.PublicKey)));
    }

    [Fact]
    public void Any_stream_of_bytes_is_read()
    {
        int seed = System.Random.Shared.Next();
        var random = new System.Random(seed);
        byte[] whole = [.. Sample.Ledger(12, _key).SelectMany(line => line.Append((byte)'\n'))];
        for (int round = 0; round < 2000; round++)
        {
            byte[] bytes = [.. whole];
            for (int i = random.Next(1, 20); i > 0; i--)
            {
                int at = random.Next(bytes.Length);
                bytes[at] = (byte)random.Next(256);
                if (random.Next(4) == 0)
                {
                    bytes = [.. bytes[..at], .. bytes[random.Next(bytes.Length)..]];
                    bytes = bytes.Length == 0 ? [.. whole] : bytes;
                }
            }

            using var verifier = new LedgerVerifier([_key.PublicKey]);
            verifier.ReadAll(new MemoryStream(bytes));
            LedgerReport report = verifier.Finish();
            Assert.True(report.Lines <= bytes.Count(each => each == '\n') + 1, $"seed {seed}");
        }
    }

    [Fact]
    public void Lines_are_bounded()
    {
        byte[] huge = new byte[(LedgerLimits.Line * 3) + 17];
        Array.Fill(huge, (byte)'x');
        List<byte[]> lines = Sample.Ledger(3, _key);
        byte[] bytes =
        [
            .. lines[..2].SelectMany(line => line.Append((byte)'\n')),
            .. huge,
            (byte)'\n',
            .. lines[2..].SelectMany(line => line.Append((byte)'\n')),
            .. huge,
        ];
        using var verifier = new LedgerVerifier([_key.PublicKey]);
        verifier.ReadAll(new Trickle(bytes));
        LedgerReport report = verifier.Finish();
        Assert.Equal(7, report.Lines);
        Assert.Equal([3L, 7], report.Problems.Select(problem => problem.Line));
        Assert.All(report.Problems, problem => Assert.Equal(LedgerProblemKind.Unreadable, problem.Kind));
        Assert.Equal(3, report.Chains[0].SignedThrough);
    }

    [Fact]
    public void Hostile_ledgers_cost_bounded_memory()
    {
        using var verifier = new LedgerVerifier([_key.PublicKey]);
        for (int i = 0; i < 5000; i++)
        {
            // Each passes records over, each is of another chain, each is no line.
            var before = new LedgerPosition(i * 10, new string('c', 64));
            verifier.Read(LedgerRecordWriter.Write("a", before, Sample.Entry()).Bytes.Span);
            verifier.Read(LedgerRecordWriter.Write($"chain-{i}", before, Sample.Entry()).Bytes.Span);
            verifier.Read("\u001b]"u8);
        }

        LedgerReport report = verifier.Finish();
        Assert.Equal(256, report.Chains.Count);
        Assert.Equal(1000, report.Problems.Count);
        Assert.InRange(report.ProblemCount, 10_000, 20_000);
    }

    private static (LedgerProblemKind, long, long) Only(LedgerReport report)
    {
        LedgerProblem problem = Assert.Single(report.Problems);
        return (problem.Kind, problem.First, problem.Last);
    }

    // Gives a few bytes at a time.
    private sealed class Trickle(byte[] bytes) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) =>
            base.Read(buffer, offset, Math.Min(count, 1013));
    }
}
