using System.Globalization;
using Ocx.Audit.Approvals;
using Ocx.Audit.Jury;

namespace Ocx.Cli.Auditing;

/// <summary>What gates hold, in words.</summary>
internal static class HoldPrinter
{
    /// <summary>One line on a call that begins to wait for a person, or waits no more.</summary>
    public static string Text(HoldNotice hold)
    {
        string call = $"{hold.Caller} calls {hold.Tool} of {hold.Server}";
        if (hold.Outcome is not { } outcome)
        {
            string until = hold.Until?.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture) ?? "decided";
            string what = VerdictPrinter.Held(hold.Class);
            string rehearsal = hold.Rehearsal.Length > 0 ? $" (rehearsal: {hold.Rehearsal})" : string.Empty;
            return $"{what} held: {call}; waits for approval {hold.Approval} until {until}: {hold.Why}{rehearsal}";
        }

        string passed = hold.Released && outcome != Outcome.Released ? " and released" : string.Empty;
        string seconds = hold.Held.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture);
        return $"no longer held: {call}; {outcome}{passed} after {seconds} s (approval {hold.Approval})";
    }
}
