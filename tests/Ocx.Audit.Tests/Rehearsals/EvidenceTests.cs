using System.Buffers;
using System.Text;
using System.Text.Json;
using Ocx.Audit.Ledger;
using Ocx.Audit.Rehearsals;
using Ocx.Audit.Tests.Ledger;
using Ocx.Text;

namespace Ocx.Audit.Tests.Rehearsals;

public sealed class EvidenceTests
{
    [Fact]
    public void A_summary_says_in_numbers_what_the_call_would_do()
    {
        var summary = RehearsalSummary.Of(Evidence.Wholesale);
        Assert.Equal("would delete 5000 rows, write 1 key", summary.WouldDo());
        Assert.Equal(
            "would delete 5000 rows, write 1 key; of public.orders, orders:count; files not observed; 0 programs; "
                + "2 connections, 1 refused",
            summary.ToString()
        );
        Assert.Equal(TimeSpan.FromMilliseconds(30), summary.State!.Lag);
    }

    [Theory]
    [InlineData(RehearsalOutcome.Answered, null, "would change no state")]
    [InlineData(RehearsalOutcome.ToolFailed, null, "would change no state")]
    [InlineData(RehearsalOutcome.TimedOut, "timeout", null)]
    [InlineData(RehearsalOutcome.Answered, "effects not read", null)]
    public void What_a_call_did_that_did_not_come_to_its_end_is_not_said(
        RehearsalOutcome outcome,
        string? failure,
        string? would
    ) =>
        Assert.Equal(
            would,
            RehearsalSummary
                .Of(
                    new RehearsalEvidence
                    {
                        Outcome = outcome,
                        Failure = failure,
                        Effects = new CallEffects { State = [] },
                    }
                )
                .WouldDo()
        );

    [Fact]
    public void Whatever_a_shadow_says_is_held_to_its_bounds()
    {
        string text = new('x', 10_000);
        StateField[] fields = [.. Enumerable.Repeat(new StateField(text, text), 1000)];
        var change = new StateChange
        {
            Target = text,
            Operation = text,
            Old = fields,
            New = fields,
        };
        RehearsalEvidence evidence = BoundedEvidence.Of(
            Evidence.With(
                new CallEffects
                {
                    State =
                    [
                        new StateEffects
                        {
                            Source = text,
                            Kind = StateKind.Redis,
                            Lag = TimeSpan.MaxValue,
                            Changes = [.. Enumerable.Repeat(change, 1000)],
                        },
                    ],
                    Files = new FileEffects
                    {
                        Created = [.. Enumerable.Repeat(text, 1000)],
                        Changed = [],
                        Deleted = [],
                    },
                    Processes = new ProcessEffects { Started = [.. Enumerable.Repeat(text, 1000)] },
                    Network = new NetworkEffects
                    {
                        Tried = [.. Enumerable.Repeat(new ConnectionTry(text, 1, true), 1000)],
                    },
                }
            ) with
            {
                Result = JsonElement.Parse($"\"{new string('y', EffectsLimits.Result)}\""),
                Failure = text,
            }
        );
        CallEffects effects = evidence.Effects;
        StateEffects state = Assert.Single(effects.State!);
        Assert.Equal((EffectsLimits.Changes, true), (state.Changes.Count, state.IsCut));
        Assert.Equal(EffectsLimits.Fields, state.Changes[0].Old!.Count);
        Assert.Equal(EffectsLimits.Value, state.Changes[0].New![0].Value!.Length);
        Assert.True(effects.Files!.IsCut && effects.Processes!.IsCut && effects.Network!.IsCut);
        Assert.Null(evidence.Result);
        Assert.Equal(RehearsalFailure.Error, evidence.Failure);
    }

    [Fact]
    public void Sources_beyond_those_that_can_be_told_are_not_taken_for_untouched()
    {
        StateEffects one = Evidence.Wholesale.Effects.State![0];
        var effects = new CallEffects { State = [.. Enumerable.Repeat(one, EffectsLimits.Sources + 1)] };
        Assert.Null(BoundedEvidence.Of(Evidence.With(effects)).Effects.State);
    }

    [Theory]
    [InlineData(RehearsalOutcome.TimedOut, "timeout")]
    [InlineData(RehearsalOutcome.Died, "shadow died")]
    [InlineData(RehearsalOutcome.OutOfMemory, "out of memory")]
    [InlineData(RehearsalOutcome.NotRehearsed, "error")]
    [InlineData(RehearsalOutcome.Refused, null)]
    public void A_failure_has_a_name(RehearsalOutcome outcome, string? failure)
    {
        RehearsalEvidence evidence = BoundedEvidence.Of(new RehearsalEvidence { Outcome = outcome });
        Assert.Equal((failure, failure is null), (evidence.Failure, evidence.IsWhole));
    }

    [Fact]
    public void What_was_not_observed_has_no_member_in_json_and_no_text_drives_a_terminal()
    {
        StateEffects state = Evidence.Wholesale.Effects.State![0];
        RehearsalEvidence hostile = Evidence.With(
            new CallEffects { State = [state with { Changes = [state.Changes[0] with { Target = "\u001b[2J\n" }] }] }
        );
        var text = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(text, WireJson.WriterOptions))
        {
            EvidenceJson.Write(json, hostile);
        }

        Assert.True(Encoding.UTF8.GetString(text.WrittenSpan).EnumerateRunes().All(WireText.IsPlain));
        JsonElement effects = JsonElement.Parse(text.WrittenSpan).GetProperty("effects");
        Assert.Equal(["state"], effects.EnumerateObject().Select(member => member.Name));
        JsonElement change = effects.GetProperty("state")[0].GetProperty("changes")[0];
        Assert.Equal("\u001b[2J\n", change.GetProperty("target").GetString());
        Assert.Equal(JsonValueKind.Null, change.GetProperty("old")[1].GetProperty("value").ValueKind);
    }

    [Fact]
    public void A_record_keeps_the_summary_and_verifies()
    {
        LedgerEntry entry = Sample.Entry() with { Rehearsal = RehearsalSummary.Of(Evidence.Wholesale) };
        LedgerLine line = LedgerRecordWriter.Write(Sample.Chain, LedgerPosition.Start, entry);
        Assert.Contains(
            """
            "rehearsal":{"connections":2,"connectionsRefused":1,"outcome":"Answered","programs":0,
            "state":{"keysDeleted":0,"keysWritten":1,"lagMs":30,"rowsDeleted":5000,"rowsInserted":0,
            "rowsUpdated":0,"schemaChanged":false},"targets":["public.orders","orders:count"],"tookMs":412,"version":1}
            """.ReplaceLineEndings(""),
            Encoding.UTF8.GetString(line.Bytes.Span),
            StringComparison.Ordinal
        );
        Assert.True(CanonicalJson.IsCanonical(line.Bytes.Span));
        RehearsalSummary read = LedgerRecord.Read(line.Bytes.Span)!.Entry.Rehearsal!;
        Assert.Equal(entry.Rehearsal!.ToString(), read.ToString());
        Assert.Equal((entry.Rehearsal.State, null), (read.State, read.Files));
    }

    [Fact]
    public void What_a_later_version_says_of_a_rehearsal_is_left_out_and_the_record_stays_one()
    {
        LedgerEntry entry = Sample.Entry() with { Rehearsal = RehearsalSummary.Of(Evidence.Wholesale) };
        string line = Sample.Text(LedgerRecordWriter.Write(Sample.Chain, LedgerPosition.Start, entry).Bytes.ToArray());
        string later = line.Replace(
            "\"tookMs\":412,\"version\":1",
            "\"tookMs\":412,\"version\":2",
            StringComparison.Ordinal
        );
        Assert.NotEqual(line, later);
        LedgerRecord record = LedgerRecord.Read(Encoding.UTF8.GetBytes(later))!;
        Assert.Null(record.Entry.Rehearsal);
        Assert.Equal("deletes all rows", record.Entry.Verdict.Reason);
    }
}
