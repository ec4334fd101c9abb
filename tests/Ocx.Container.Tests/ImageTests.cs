using System.Formats.Tar;
using System.IO.Compression;
using Docker.DotNet.Models;

namespace Ocx.Container.Tests;

/// <summary>What is in the images, and what is not.</summary>
public sealed class ImageTests(Engine engine)
{
    private static readonly string[] s_unwanted =
    [
        "sh",
        "bash",
        "dash",
        "ash",
        "busybox",
        "perl",
        "python3",
        "apt",
        "apt-get",
        "dpkg",
        "apk",
        "tdnf",
        "curl",
        "wget",
        "mount",
        "su",
    ];

    public static TheoryData<string> All =>
        new(Images.Agent, Images.Operator, Images.Auditor, Images.Gate, Images.Samples);

    [Theory]
    [MemberData(nameof(All))]
    public async Task There_is_no_shell_and_no_package_manager(string image)
    {
        var files = await FilesAsync(image);
        Assert.Contains(files, path => path.StartsWith("etc/ssl/certs/", StringComparison.Ordinal));
        Assert.DoesNotContain(files, path => s_unwanted.Contains(Path.GetFileName(path)));
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Labels_tell_what_it_is_and_where_it_comes_from(string image)
    {
        var labels = (await engine.Client.Images.InspectImageAsync(image)).Config!.Labels!;
        Assert.Equal(image.Split('/')[^1].Split(':')[0], labels["org.opencontainers.image.title"]);
        Assert.NotEmpty(labels["org.opencontainers.image.description"]);
        Assert.Equal(image.Split(':')[^1], labels["org.opencontainers.image.version"]);
        Assert.StartsWith("https://", labels["org.opencontainers.image.source"], StringComparison.Ordinal);
        // libnetfilter_queue is in the gate's binary, and iptables beside it.
        Assert.Equal(
            image == Images.Gate ? "Apache-2.0 AND GPL-2.0-or-later" : "Apache-2.0",
            labels["org.opencontainers.image.licenses"]
        );
    }

    [Fact]
    public async Task The_agent_is_less_than_30_MB_compressed()
    {
        using var saved = await engine.Client.Images.SaveImageAsync(Images.Agent);
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            await saved.CopyToAsync(gzip);
        }

        TestContext.Current.SendDiagnosticMessage($"{Images.Agent}: {compressed.Length / 1e6:0.0} MB compressed");
        Assert.InRange(compressed.Length, 1, 30_000_000);
    }

    // The files of a container that never runs.
    private async Task<IReadOnlyList<string>> FilesAsync(string image)
    {
        var container = await engine.Client.Containers.CreateContainerAsync(
            new CreateContainerParameters
            {
                Image = image,
                Labels = new Dictionary<string, string> { [Engine.Label] = Engine.Run },
            }
        );
        try
        {
            using var exported = await engine.Client.Containers.ExportContainerAsync(container.ID);
            await using var tar = new TarReader(exported);
            List<string> files = [];
            while (await tar.GetNextEntryAsync() is { } entry)
            {
                if (entry.EntryType is not TarEntryType.Directory)
                {
                    files.Add(entry.Name);
                }
            }

            return files;
        }
        finally
        {
            await engine.Client.Containers.RemoveContainerAsync(
                container.ID,
                new ContainerRemoveParameters { Force = true }
            );
        }
    }
}
