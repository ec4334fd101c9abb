using Ocx.Audit.Intents;

namespace Ocx.Audit.Classes;

/// <summary>What an audit says of the tools whose names match.</summary>
public sealed record ClassRule(Glob Tools, CallClass Class);
