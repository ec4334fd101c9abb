// How fast calls are judged: rules and entropy alone, the auditor on one core, a ledger's verification, and the time
// from a call on the wire to its verdict in the ledger.
//   Ocx.AuditBench [PART...]    parts: rules entropy verdicts latency; all when none is named
using Ocx.AuditBench;

string[] parts = args.Length > 0 ? args : ["rules", "entropy", "verdicts", "latency"];
foreach (string part in parts)
{
    switch (part)
    {
        case "rules":
            await RulesMeasurement.RunAsync();
            break;
        case "entropy":
            EntropyMeasurement.Run();
            break;
        case "verdicts":
            await VerdictsMeasurement.RunAsync();
            break;
        case "latency":
            await LatencyMeasurement.RunAsync();
            break;
        default:
            Console.Error.WriteLine($"{part}: want rules, entropy, verdicts or latency");
            return 2;
    }
}

return 0;
