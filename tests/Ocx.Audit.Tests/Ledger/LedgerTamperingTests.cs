using System.Security.Cryptography;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Ocx.Audit.Ledger;

namespace Ocx.Audit.Tests.Ledger;

/// <summary>Each kind of tampering, at random places: it is found, and the report says where.</summary>
public sealed class LedgerTamperingTests : IDisposable
{
    private const int Records = 34;

    private readonly LedgerSigningKey _key = LedgerSigningKey.Create();
    private readonly List<byte[]> _whole;

    public LedgerTamperingTests() => _whole = Sample.Ledger(Records, _key);

    public void Dispose() => _key.Dispose();

    [Fact]
    public void A_changed_byte_is_found() =>
        ForAny(
            (random, lines) =>
            {
                int record = random.Next(1, Records + 1);
                byte[] line = lines[Sample.IndexOf(lines, record)];
                int at = random.Next(line.Length);
                byte before = line[at];
                do
                {
                    line[at] = (byte)random.Next(256);
                } while (line[at] == before);

                // A byte of the number itself makes it another record, so that this one is missing.
                return (record, Expected.Any);
            }
        );

    [Theory]
    [InlineData("\"Refused\"", "\"Released\"")]
    [InlineData("deletes all rows", "reads a row")]
    [InlineData("\"time\":\"2026-11-27", "\"time\":\"2026-11-28")]
    [InlineData("\"policy\"", "\"person\"")]
    [InlineData(":3.25", ":3.250")]
    [InlineData(",\"kind\"", ", \"kind\"")]
    [InlineData("\"reason\"", "\"r\\u0065ason\"")]
    [InlineData("\"mode\":\"Observe\"", "\"mode\":\"Enforce\",\"mode\":\"Observe\"")]
    public void A_changed_text_is_found(string from, string to) =>
        ForAny(
            (random, lines) =>
            {
                int record = random.Next(1, Records + 1);
                int at = Sample.IndexOf(lines, record);
                string changed = Sample.Text(lines[at]).Replace(from, to, StringComparison.Ordinal);
                lines[at] = Encoding.UTF8.GetBytes(changed);
                return (record, Expected.Only(LedgerProblemKind.Changed));
            }
        );

    [Fact]
    public void A_record_that_was_written_anew_is_found() =>
        ForAny(
            (random, lines) =>
            {
                int record = random.Next(1, Records + 1);
                Rewrite(lines, record);
                bool isHeaded = record % 10 == 0 || record == Records;
                return (
                    record,
                    record == Records ? Expected.Only(LedgerProblemKind.HeadDisagrees)
                    : isHeaded ? Expected.Of(LedgerProblemKind.HeadDisagrees, LedgerProblemKind.Changed)
                    : Expected.Only(LedgerProblemKind.Changed)
                );
            }
        );

    [Fact]
    public void Records_that_were_written_anew_to_the_end_disagree_with_the_head() =>
        ForAny(
            (random, lines) =>
            {
                int record = random.Next(1, Records + 1);
                RewriteFrom(lines, record, insert: false);
                return (record, Expected.Of(LedgerProblemKind.HeadDisagrees));
            }
        );

    [Fact]
    public void A_forged_record_that_shifts_all_others_disagrees_with_the_head() =>
        ForAny(
            (random, lines) =>
            {
                int record = random.Next(1, Records + 1);
                RewriteFrom(lines, record, insert: true);
                return (record, Expected.Of(LedgerProblemKind.HeadDisagrees));
            }
        );

    [Fact]
    public void A_record_that_does_not_fit_the_form_is_found_though_its_hash_is_right() =>
        ForAny(
            (random, lines) =>
            {
                int record = random.Next(1, Records + 1);
                int at = Sample.IndexOf(lines, record);
                string text = Sample.Text(lines[at]).Replace(",\"kind\"", " ,\"kind\"", StringComparison.Ordinal);
                string hash = LedgerRecord.Read(lines[at])!.Position.Hash;
                string unhashed = text.Replace($",\"hash\":\"{hash}\"", "", StringComparison.Ordinal);
                string own = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(unhashed)));
                lines[at] = Encoding.UTF8.GetBytes(text.Replace(hash, own, StringComparison.Ordinal));
                return (record, Expected.Of(LedgerProblemKind.Changed));
            }
        );

    [Fact]
    public void Removed_records_are_found() =>
        ForAny(
            (random, lines) =>
            {
                int first = random.Next(1, Records);
                int last = random.Next(first, Records);
                lines.RemoveAll(line =>
                    LedgerRecord.Read(line)?.Position.Sequence is { } sequence && sequence >= first && sequence <= last
                );
                return (first, Expected.Only(LedgerProblemKind.Removed, last));
            }
        );

    [Fact]
    public void A_moved_record_is_found() =>
        ForAny(
            (random, lines) =>
            {
                // Behind a later record, so that it is this one that stands wrong.
                int record = random.Next(1, Records);
                int to = Sample.IndexOf(lines, random.Next(record + 1, Records + 1));
                int from = Sample.IndexOf(lines, record);
                lines.Insert(to + 1, lines[from]);
                lines.RemoveAt(from);
                return (record, Expected.Only(LedgerProblemKind.Reordered));
            }
        );

    [Fact]
    public void A_doubled_record_is_found() =>
        ForAny(
            (random, lines) =>
            {
                int record = random.Next(1, Records + 1);
                int at = Sample.IndexOf(lines, record);
                lines.Insert(random.Next(at, lines.Count) + 1, lines[at]);
                return (record, Expected.Only(LedgerProblemKind.Inserted));
            }
        );

    [Fact]
    public void A_forged_record_is_found() =>
        ForAny(
            (random, lines) =>
            {
                // It follows the one before, and has the number of the one behind.
                int record = random.Next(1, Records);
                int at = Sample.IndexOf(lines, record);
                LedgerPosition before =
                    record == 1
                        ? LedgerPosition.Start
                        : LedgerRecord.Read(lines[Sample.IndexOf(lines, record - 1)])!.Position;
                byte[] forged = LedgerRecordWriter.Write(Sample.Chain, before, Sample.Entry("forged")).Bytes.ToArray();
                lines.Insert(at + random.Next(2), forged);
                return (record, Expected.Only(LedgerProblemKind.Inserted));
            }
        );

    [Fact]
    public void A_line_that_cannot_be_read_any_more_is_found() =>
        ForAny(
            (random, lines) =>
            {
                int record = random.Next(1, Records);
                lines[Sample.IndexOf(lines, record)] = "garbage"u8.ToArray();
                return (record, Expected.Of(LedgerProblemKind.Unreadable, LedgerProblemKind.Changed));
            }
        );

    [Fact]
    public void A_changed_head_is_found() =>
        ForAny(
            (random, lines) =>
            {
                int record = random.Next(1, 4) * 10;
                int at = Sample.IndexOf(lines, record) + 1;
                string text = Sample.Text(lines[at]);
                string changed = random.Next(3) switch
                {
                    0 => text.Replace("2026-11-27", "2026-11-28", StringComparison.Ordinal),
                    1 => text.Replace("\"signature\":\"M", "\"signature\":\"N", StringComparison.Ordinal),
                    _ => text.Replace("\"sequence\":", "\"nextKey\":\"AAAA\",\"sequence\":", StringComparison.Ordinal),
                };
                Assert.NotEqual(text, changed);
                lines[at] = Encoding.UTF8.GetBytes(changed);
                return (record, Expected.Only(LedgerProblemKind.BadSignature));
            }
        );

    private static void Rewrite(List<byte[]> lines, long record)
    {
        int at = Sample.IndexOf(lines, record);
        LedgerRecord old = LedgerRecord.Read(lines[at])!;
        var before = new LedgerPosition(record - 1, old.Previous);
        LedgerEntry entry = Sample.Entry(old.Entry.Intent.Key, tool: "harmless");
        lines[at] = LedgerRecordWriter.Write(Sample.Chain, before, entry).Bytes.ToArray();
    }

    // As whoever holds the file but not the key would: the chain is right again, the heads stay as they were.
    private static void RewriteFrom(List<byte[]> lines, long record, bool insert)
    {
        int at = Sample.IndexOf(lines, record);
        LedgerRecord old = LedgerRecord.Read(lines[at])!;
        var position = new LedgerPosition(record - 1, old.Previous);
        if (insert)
        {
            LedgerLine forged = LedgerRecordWriter.Write(Sample.Chain, position, Sample.Entry("forged"));
            lines.Insert(at++, forged.Bytes.ToArray());
            position = forged.Position;
        }

        for (; at < lines.Count; at++)
        {
            if (LedgerRecord.Read(lines[at]) is { } next)
            {
                LedgerEntry entry = Sample.Entry(next.Entry.Intent.Key, tool: insert ? "delete_rows" : "harmless");
                LedgerLine line = LedgerRecordWriter.Write(Sample.Chain, position, entry);
                lines[at] = line.Bytes.ToArray();
                position = line.Position;
            }
        }
    }

    private void ForAny(Func<System.Random, List<byte[]>, (int Record, Expected Expected)> tamper) =>
        Prop.ForAll(
                Gen.Choose(0, int.MaxValue).ToArbitrary(),
                seed =>
                {
                    List<byte[]> lines = [.. _whole.Select(line => line.ToArray())];
                    (int record, Expected expected) = tamper(new System.Random(seed), lines);
                    LedgerReport report = Sample.Verify(lines, _key.PublicKey);
                    string found = string.Join("; ", report.Problems);
                    return expected.Meets(report, record).Label($"record {record}: {found}");
                }
            )
            .QuickCheckThrowOnFailure();

    private sealed record Expected(LedgerProblemKind[] Kinds, bool NothingElse, int? Last)
    {
        public static Expected Any { get; } = new([], false, null);

        public static Expected Of(params LedgerProblemKind[] kinds) => new(kinds, false, null);

        public static Expected Only(LedgerProblemKind kind, int? last = null) => new([kind], true, last);

        public bool Meets(LedgerReport report, int record) =>
            !report.IsWhole
            && (!NothingElse || report.ProblemCount == 1)
            && Kinds.All(kind => report.Problems.Any(problem => problem.Kind == kind && Concerns(problem, record)))
            && report.Problems.Any(problem =>
                Concerns(problem, record) || problem.Kind == LedgerProblemKind.Unreadable
            );

        private bool Concerns(LedgerProblem problem, int record) =>
            problem.Kind == LedgerProblemKind.Unreadable
            || (
                Last is { } last
                    ? problem.First == record && problem.Last == last
                    : problem.First <= record && record <= problem.Last
            );
    }
}
