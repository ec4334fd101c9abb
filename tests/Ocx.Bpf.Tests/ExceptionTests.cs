using Xunit;

namespace Ocx.Bpf.Tests;

public class ExceptionTests
{
    [Fact]
    public void An_error_number_becomes_words()
    {
        var exception = new BpfException("open the thing", 13);

        Assert.Equal(13, exception.Errno);
        Assert.Equal("could not open the thing: Permission denied (errno 13)", exception.Message);
    }

    [Fact]
    public void The_verifiers_message_is_its_last_words_and_the_log_is_kept_whole()
    {
        const string Log = "0: (79) r0 = *(u64 *)(r1 +0)\nR1 type=ctx expected=fp\nprocessed 1 insns (limit 1000000)\n";

        var exception = new VerifierException("prog", 22, Log);

        Assert.EndsWith("R1 type=ctx expected=fp", exception.Message, StringComparison.Ordinal);
        Assert.Equal(Log, exception.Log);
    }

    [Fact]
    public void Bytes_that_are_no_ELF_object_are_refused()
    {
        Assert.Throws<BpfException>(() => BpfObject.Open("not an object"u8, "prog"));
    }
}
