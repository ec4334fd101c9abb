namespace Ocx.Audit.Policy;

/// <summary>
/// A rule could not be evaluated on a call. The message names the rule and quotes nothing of the call.
/// </summary>
/// <param name="message">Which rule, and why.</param>
public sealed class PolicyException(string message) : Exception(message);
