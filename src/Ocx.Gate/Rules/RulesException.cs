namespace Ocx.Gate.Rules;

/// <summary>The rules of a namespace could not be read or set. The message says what to do.</summary>
internal sealed class RulesException(string message) : Exception(message);
