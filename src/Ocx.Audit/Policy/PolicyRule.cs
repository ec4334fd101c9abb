using Ocx.Audit.Jury;

namespace Ocx.Audit.Policy;

/// <summary>A rule: what its juror says of the calls that its condition matches.</summary>
/// <param name="Name">Its name, in reasons and in messages.</param>
/// <param name="When">The condition, in CEL.</param>
/// <param name="Then">The vote: <see cref="Ballot.Release"/>, <see cref="Ballot.Hold"/> or <see cref="Ballot.Refuse"/>.
/// </param>
/// <param name="Message">The reason that people are told; null leaves it at the rule's name.</param>
public sealed record PolicyRule(string Name, string When, Ballot Then, string? Message = null);
