using System.IO.Compression;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Ocx.Cli.Tests.Replay;

/// <summary>Compressed captures are read as they are.</summary>
public sealed class CompressionTests
{
    [Theory]
    [InlineData("gz")]
    [InlineData("zst")]
    public async Task A_compressed_capture_gives_the_calls_of_the_file(string coding)
    {
        Ocx original = await Ocx.RunAsync("replay", CaptureFiles.PathOf(CaptureFiles.Streamable), "-o", "json");
        Ocx packed = await Ocx.RunAsync(Pack(coding), "replay", "-", "-o", "json");

        Assert.Equal(0, packed.ExitCode);
        Assert.Equal(original.Lines, packed.Lines);
        Assert.Equal(original.Errors, packed.Errors);
    }

    [Theory]
    [InlineData("gz")]
    [InlineData("zst")]
    public async Task One_that_was_cut_shows_what_it_held_and_says_so(string coding)
    {
        byte[] file = CaptureFiles.Read(CaptureFiles.Streamable);
        byte[] second = Pack(coding, file[24..]);
        Ocx cut = await Ocx.RunAsync([.. Pack(coding, file), .. second[..(second.Length / 2)]], "replay", "-");

        Assert.Equal(1, cut.ExitCode);
        Assert.Contains(cut.Lines, line => line.Contains(" tools/call ", StringComparison.Ordinal));
        Assert.Contains("ends in the middle", cut.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gz")]
    [InlineData("zst")]
    public async Task One_that_is_damaged_ends_in_one_line(string coding)
    {
        byte[] damaged = Pack(coding);
        damaged.AsSpan(damaged.Length / 2, 64).Fill(0xFF);
        Ocx replay = await Ocx.RunAsync(damaged, "replay", "-");

        Assert.NotEqual(0, replay.ExitCode);
        Assert.DoesNotContain("   at ", replay.Errors, StringComparison.Ordinal);
    }

    private static byte[] Pack(string coding) => Pack(coding, CaptureFiles.Read(CaptureFiles.Streamable));

    private static byte[] Pack(string coding, byte[] file)
    {
        using var packed = new MemoryStream();
        using (Stream packer = coding == "gz" ? new GZipStream(packed, CompressionLevel.Fastest) : Zstandard(packed))
        {
            packer.Write(file);
        }

        return packed.ToArray();
    }

    // With a checksum, as the command zstd writes it.
    private static CompressionStream Zstandard(Stream to)
    {
        var packer = new CompressionStream(to);
        packer.SetParameter(ZSTD_cParameter.ZSTD_c_checksumFlag, 1);
        return packer;
    }
}
