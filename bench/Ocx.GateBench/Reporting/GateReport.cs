using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ocx.GateBench.Reporting;

/// <summary>All that one run says.</summary>
internal sealed class GateReport
{
    public required string Machine { get; init; }

    public required string LoadBefore { get; init; }

    public string LoadAfter { get; set; } = "";

    public List<LatencyRow> Latency { get; } = [];

    public List<RateRow> Rate { get; } = [];

    public List<BulkRow> Bulk { get; } = [];

    public List<HoldRow> Holds { get; } = [];

    public List<MemoryRow> Memory { get; } = [];

    public List<Bar> Bars { get; } = [];

    public void Write(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, JsonSerializer.Serialize(this, ReportJson.Default.GateReport) + "\n");
    }
}

/// <summary>Calls one at a time; all times are microseconds.</summary>
/// <param name="Route">The way to the server.</param>
/// <param name="Tool">What was called.</param>
/// <param name="P50">The median of all calls.</param>
/// <param name="P99">What 99 of 100 calls do not exceed.</param>
/// <param name="Added">To the median without a rule: the median of the differences within a round.</param>
internal sealed record LatencyRow(string Route, string Tool, double P50, double P99, double Added);

/// <summary>Calls over 16 connections at once, and what 1,000 of them cost.</summary>
/// <param name="Route">The way to the server.</param>
/// <param name="Tool">What was called.</param>
/// <param name="CallsPerSecond">The median of the rounds.</param>
/// <param name="Ratio">To no rule: the median of the ratios within a round.</param>
/// <param name="GateCpu">Milliseconds of the gate, or of nginx in its place.</param>
/// <param name="AuditorCpu">Milliseconds of the auditor.</param>
/// <param name="MachineCpu">Milliseconds of all processors, with client and server.</param>
internal sealed record RateRow(
    string Route,
    string Tool,
    double CallsPerSecond,
    double Ratio,
    double GateCpu,
    double AuditorCpu,
    double MachineCpu
);

/// <summary>Results of 1 MiB, one after the other on one connection.</summary>
/// <param name="Route">The way to the server.</param>
/// <param name="Tool">What was called.</param>
/// <param name="GigabitsPerSecond">Of the results' bodies: the median of the rounds.</param>
/// <param name="Ratio">To no rule: the median of the ratios within a round.</param>
internal sealed record BulkRow(string Route, string Tool, double GigabitsPerSecond, double Ratio);

/// <summary>One hold of a result of 1 MiB.</summary>
/// <param name="HeldMs">From the request to the end of the result.</param>
/// <param name="AfterMs">From the person's word to the end of the result.</param>
/// <param name="WireBytes">What left the server's interface in the middle of the hold.</param>
/// <param name="Retransmissions">What TCP sent again, the kernel's TcpRetransSegs in the server's namespace.</param>
/// <param name="StillQueued">
/// What TCP did not send again, as its first copy was still held: TcpExtTCPSpuriousRtxHostQueues.
/// </param>
/// <param name="Duplicates">Segments that the client got twice (TcpExtTCPDSACKOldSent, TCPDSACKOfoSent).</param>
/// <param name="After">Gbit/s of the connection in the first second after its release.</param>
/// <param name="Unheld">The same at the same time of day of a connection that was not held.</param>
/// <param name="BackAfterMs">
/// Until a tenth of a second had nine tenths of the unheld throughput; null when none had within the second.
/// </param>
internal sealed record HoldRow(
    double HeldMs,
    double AfterMs,
    long WireBytes,
    long Retransmissions,
    long StillQueued,
    long Duplicates,
    double After,
    double Unheld,
    double? BackAfterMs
);

/// <summary>Resident memory in MiB (VmRSS and VmHWM of proc(5)).</summary>
internal sealed record MemoryRow(string Program, double Now, double AtMost);

/// <summary>What had to be reached.</summary>
internal sealed record Bar(string Name, string Want, string Measured, bool Met);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(GateReport))]
internal sealed partial class ReportJson : JsonSerializerContext;
