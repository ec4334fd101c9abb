using Ocx.Audit.Intents;
using Ocx.Audit.Jury;
using Ocx.Audit.Signals;

namespace Ocx.Audit.Tests.Signals;

public class HistoryTests : SignalJurorTests
{
    private readonly SignalJuror _juror = new(new SignalOptions());

    [Fact]
    public void A_request_much_larger_than_the_tools_usual_ones_is_a_sign()
    {
        for (int call = 0; call < 100; call++)
        {
            Assert.Equal(Vote.Abstain, Judge(_juror, At(call * 37 % 1000, 400 + (call % 7 * 50))));
        }

        Vote vote = Judge(_juror, At(1001, 60_000));
        Assert.Equal(Ballot.Hold, vote.Ballot);
        Assert.Matches(
            @"^the request has 60,000 bytes, 1\d\d times the 5\d\d that are usual for this tool$",
            vote.Reason
        );
        Assert.Equal(Vote.Abstain, Judge(_juror, At(1002, 60_000) with { Tool = "upload" }));
        Assert.Equal(Ballot.Hold, Judge(_juror, At(1003, 60_000)).Ballot);
    }

    [Fact]
    public void What_was_unusual_becomes_usual_when_it_stays()
    {
        int held = 0;
        for (int call = 0; call < 600; call++)
        {
            held += Judge(_juror, At(call * call, call < 100 ? 500 : 60_000)).Ballot == Ballot.Hold ? 1 : 0;
        }

        Assert.InRange(held, 1, 200);
        Assert.Equal(Vote.Abstain, Judge(_juror, At(600 * 600, 60_000)));
    }

    [Fact]
    public void Sizes_that_vary_widely_are_no_sign()
    {
        var random = new Random(1);
        for (int call = 0; call < 1000; call++)
        {
            Assert.Equal(Vote.Abstain, Judge(_juror, At(call * call, (long)Math.Exp(4 + (random.NextDouble() * 6)))));
        }
    }

    [Fact]
    public void Too_many_calls_within_a_minute_are_a_sign_of_this_client_alone()
    {
        Vote last = default;
        for (int call = 0; call <= 600; call++)
        {
            Assert.NotEqual(Ballot.Hold, last.Ballot);
            last = Judge(_juror, At(call * 0.05));
        }

        Assert.Equal("601 calls of this tool by this client within a minute, more than 600", last.Reason);
        Assert.Equal(Vote.Abstain, Judge(_juror, At(31) with { Client = new Party { Address = "10.0.0.9:1" } }));
        Assert.Equal(Vote.Abstain, Judge(_juror, At(200)));
    }

    [Fact]
    public void A_minute_that_begins_forgets_the_last_one_bit_by_bit()
    {
        for (int call = 0; call < 500; call++)
        {
            Judge(_juror, At(50 + (call * 0.01)));
        }

        Vote vote = default;
        for (int call = 0; call < 150; call++)
        {
            vote = Judge(_juror, At(61 + (call * 0.01)));
        }

        Assert.Equal(Ballot.Hold, vote.Ballot);
        Assert.Equal(Vote.Abstain, Judge(_juror, At(118)));
    }

    [Fact]
    public void Calls_as_regular_as_a_timer_with_new_arguments_are_a_sign()
    {
        var random = new Random(2);
        Vote vote = default;
        for (int call = 0; call < 40; call++)
        {
            Assert.True(call > 20 || vote.Ballot != Ballot.Hold);
            vote = Judge(_juror, At((call * 60) + random.NextDouble()) with { ArgumentsDigest = $"{call}" });
        }

        Assert.Equal(Ballot.Hold, vote.Ballot);
        Assert.Matches(
            @"^this client calls this tool every (59\.9|60\.[01]) s, varying by [01] ?%, with new arguments each time,"
                + " as a beacon does$",
            vote.Reason
        );

        // It slept over the night, and goes on.
        Judge(_juror, At(40_000) with { ArgumentsDigest = "again" });
        Assert.Equal(Ballot.Hold, Judge(_juror, At(40_060) with { ArgumentsDigest = "more" }).Ballot);
    }

    [Fact]
    public void A_timer_that_asks_the_same_again_is_no_sign()
    {
        for (int call = 0; call < 200; call++)
        {
            Assert.Equal(Vote.Abstain, Judge(_juror, At(call * 60) with { ArgumentsDigest = "same" }));
        }
    }

    [Fact]
    public void Whoever_calls_when_he_pleases_is_no_sign()
    {
        var random = new Random(3);
        double time = 0;
        for (int call = 0; call < 2000; call++)
        {
            time += -60 * Math.Log(1 - random.NextDouble());
            Assert.Equal(Vote.Abstain, Judge(_juror, At(time) with { ArgumentsDigest = $"{call}" }));
        }
    }

    [Fact]
    public void Calls_told_in_another_order_and_clocks_set_back_do_no_harm()
    {
        var random = new Random(4);
        for (int call = 0; call < 500; call++)
        {
            Judge(_juror, At(random.Next(-100_000, 100_000)) with { ArgumentsDigest = $"{call}" });
        }

        Judge(_juror, Call with { Time = DateTimeOffset.MaxValue });
        Judge(_juror, Call with { Time = DateTimeOffset.MinValue });
        Assert.Equal(Vote.Abstain, Judge(_juror, At(0) with { Tool = "other" }));
    }

    [Fact]
    public void A_client_is_the_same_on_each_port_and_a_pod_that_comes_anew_is_the_same_workload()
    {
        for (int call = 0; call < 10; call++)
        {
            Judge(_juror, At(call) with { Client = new Party { Address = $"10.0.0.1:{40_000 + call}" } });
            Judge(
                _juror,
                At(call) with
                {
                    Client = Call.Client with { Pod = $"agent-{call}", Address = $"10.1.0.{call}:1" },
                }
            );
        }

        Assert.Equal((1, 2), _juror.Remembered);
    }

    [Fact]
    public void However_many_tools_and_clients_there_are_the_last_so_many_are_remembered()
    {
        var juror = new SignalJuror(new SignalOptions { MaxHistories = 100 });
        for (int call = 0; call < 10_000; call++)
        {
            Judge(juror, At(call * call) with { Tool = $"tool{call}" });
            Judge(juror, At(call * call));
        }

        Assert.Equal((100, 100), juror.Remembered);
        // The one that was always in use is among them.
        Assert.Equal(Ballot.Hold, Judge(juror, At(1e9, 60_000)).Ballot);
    }

    [Fact]
    public void Each_sign_can_be_switched_off_and_the_vote_chosen()
    {
        string data = Convert.ToBase64String(Corpus.Random(3072, 1));
        var off = new SignalJuror(
            new SignalOptions
            {
                EncodedBytes = 0,
                EncodedShare = 0,
                SizeFactor = 0,
                CallsPerMinute = 0,
                Regularity = 0,
            }
        );
        for (int call = 0; call < 1000; call++)
        {
            long bytes = call == 999 ? 1_000_000 : 500;
            Intent intent = At(call < 900 ? 0 : call, bytes) with { Arguments = Corpus.Arguments(data) };
            Assert.Equal(Vote.Abstain, Judge(off, intent));
        }

        var strict = new SignalJuror(new SignalOptions { Vote = Ballot.Refuse });
        Assert.Equal(Ballot.Refuse, Judge(strict, Call with { Arguments = Corpus.Arguments(data) }).Ballot);
    }

    [Fact]
    public async Task Many_threads_may_ask_it()
    {
        await Parallel.ForAsync(
            0,
            5000,
            TestContext.Current.CancellationToken,
            async (call, stop) => await _juror.JudgeAsync(At(call) with { Tool = $"tool{call % 50}" }, stop)
        );
        Assert.Equal((50, 50), _juror.Remembered);
    }

    private static Intent At(double seconds, long bytes = 500) =>
        Call with
        {
            Time = Start.AddSeconds(seconds),
            RequestBytes = bytes,
            ArgumentsDigest = "same",
        };
}
