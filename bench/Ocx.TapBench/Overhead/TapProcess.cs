using System.Diagnostics;

namespace Ocx.TapBench.Overhead;

/// <summary>A program that taps an interface, running until it is disposed.</summary>
internal sealed class TapProcess : IDisposable
{
    public const string Interface = "tap0";

    private readonly Process _process;
    private readonly Task _rest;

    private TapProcess(string command, string readyWord)
    {
        // Its output goes where it costs the least; what it says on standard error tells when it taps.
        _process = Process.Start(
            new ProcessStartInfo("sh", ["-c", $"exec {command} >/dev/null"]) { RedirectStandardError = true }
        )!;
        string? line;
        do
        {
            line =
                _process.StandardError.ReadLine() ?? throw new InvalidOperationException($"'{command}' did not start");
        } while (!line.Contains(readyWord, StringComparison.Ordinal));
        // A pipe that nobody reads would stop it sooner or later.
        _rest = _process.StandardError.ReadToEndAsync();
    }

    public int Id => _process.Id;

    public static TapProcess Agent(string events, string more = "") =>
        new($"{Tool.Agent} --interface {Interface} --port 8080,8081 --events {events} {more}", "Tapping");

    public static TapProcess Tcpdump(int port) =>
        new($"tcpdump -n -i {Interface} -w /dev/null 'tcp portrange {port}-{port + 1}'", "listening on");

    public void Dispose()
    {
        _ = Native.kill(_process.Id, Native.SIGTERM);
        _process.WaitForExit();
        _rest.Wait();
        _process.Dispose();
    }
}
