using k8s.Models;

namespace Ocx.Cluster.Tests;

/// <summary>What the product promises: install, apply, look.</summary>
public sealed class TapTests(Release release)
{
    [Fact]
    public async Task What_pods_say_to_an_MCP_server_is_counted_in_kubectl_get_mcptaps_packet_by_packet()
    {
        var port = Release.FreePort();
        await using var server = await release.StartServerAsync(port);
        await using var tap = await release.TapAsync("promise", $$"""{"interface":"any","port":{{port}}}""");
        await release.ReadyAsync("promise");

        var said = await release.ConverseAsync(server.Url, calls: 50);
        await release.StatusAsync(
            "promise",
            status => status.Packets.Captured == said.Segments && status.Packets.Dropped == 0,
            $"{said.Segments} segments are captured and none dropped"
        );

        // A segment that is sent again is a segment without bytes to the client's kernel, and one like any other to the
        // tap.
        const int MaximumSegment = 1460;
        long repeated = 2 + (release.IsLocal ? await SegmentsSentAgainAsync(server.Pod) : 0);
        Assert.InRange(
            (await release.StatusAsync("promise")).Bytes.Captured - said.Bytes,
            0,
            repeated * MaximumSegment
        );

        var row = (await release.KubectlAsync("get", "mcptaps"))
            .Split('\n')
            .Single(line => line.StartsWith("promise ", StringComparison.Ordinal));
        Assert.Matches($@"^promise +any +{port} +16Mi +1 +1 +{said.Segments} +0 +\w+ ", row);
        await release.StatusAsync(
            "promise",
            status => status.Calls.BusiestTools?.Sum(tool => tool.Calls) == said.Calls && status.Calls.Errors == 0,
            $"{said.Calls} calls of tools are counted"
        );
        Assert.Equal(
            ["add", "echo"],
            (await release.StatusAsync("promise")).Calls.BusiestTools!.Select(tool => tool.Name).Order()
        );
        var calls = await release.KubectlAsync(
            "-n",
            Release.Namespace,
            "logs",
            (await release.AgentAsync("promise")).Name(),
            "-c",
            "agent"
        );
        Assert.Equal(
            said.Calls,
            calls.Split('\n').Count(line => line.Contains("\"tools/call\"", StringComparison.Ordinal))
        );
        if (release.IsLocal)
        {
            var program = Assert.Single((await release.AgentOnNodeAsync("promise")).Programs);
            Assert.Contains(
                "ocx_socket_filter",
                await Command.RunAsync("bpftool", ["prog", "show", "id", program]),
                StringComparison.Ordinal
            );
        }
    }

    // RetransSegs of the server's network namespace: a line of names, then one of values.
    private async Task<long> SegmentsSentAgainAsync(string pod)
    {
        int process = AgentOnNode.ProcessesOf(await release.ContainerAsync(pod)).First();
        string[][] tcp =
        [
            .. (await File.ReadAllLinesAsync($"/proc/{process}/net/snmp"))
                .Where(line => line.StartsWith("Tcp:", StringComparison.Ordinal))
                .Select(line => line.Split(' ')),
        ];
        return long.Parse(
            tcp[1][Array.IndexOf(tcp[0], "RetransSegs")],
            System.Globalization.CultureInfo.InvariantCulture
        );
    }
}
