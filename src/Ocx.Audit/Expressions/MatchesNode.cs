namespace Ocx.Audit.Expressions;

/// <summary><c>text.matches('a.*b')</c>: is a part of the text so?</summary>
internal sealed class MatchesNode(CelNode text, TextPattern pattern, string place) : CelNode
{
    private readonly CelValue _mismatch = CelValue.Error($"matches() asks what is no string ({place})");

    public override CelType Type => CelType.Bool;

    public override int Cost { get; } = 1 + text.Cost;

    public override CelValue Evaluate(Evaluation evaluation)
    {
        var value = text.Evaluate(evaluation);
        return value.Type == CelType.String ? pattern.IsMatch(evaluation, value.String)
            : value.IsError ? value
            : _mismatch;
    }
}
