using System.Buffers;
using System.Text;
using Antlr4.Runtime;
using Cel.Internal;

namespace Ocx.Audit.Expressions;

/// <summary>
/// Text to CEL's grammar, by the package's parser. The package's own entry passes over what its lexer cannot read, and
/// recurses as deep as the text is nested; here both are refused.
/// </summary>
internal static class ExpressionParser
{
    private const string Unknown = "this is nothing that CEL knows";

    /// <summary>Parses an expression.</summary>
    /// <exception cref="ExpressionException">It is none.</exception>
    public static CelParser.StartContext Parse(string text)
    {
        if (text.Length > CelLimits.Length)
        {
            throw new ExpressionException(1, CelLimits.Length, $"a rule has at most {CelLimits.Length} characters");
        }

        if (string.IsNullOrWhiteSpace(text))
        {
            throw new ExpressionException(1, 1, "there is no expression");
        }

        if (!IsUnicode(text))
        {
            throw new ExpressionException(1, 1, "there is half of a UTF-16 pair in it");
        }

        var lexer = new CelLexer(new AntlrInputStream(text));
        lexer.RemoveErrorListeners();
        lexer.AddErrorListener(new LexerListener());
        var tokens = new CommonTokenStream(lexer);
        try
        {
            tokens.Fill();
        }
        catch (ArgumentException)
        {
            // ANTLR shows what it cannot read by halves of UTF-16 pairs, and fails on the first half of an emoji.
            throw new ExpressionException(lexer.Line, lexer.Column + 1, Unknown);
        }

        HoldLimits(tokens.GetTokens());
        var parser = new CelParser(tokens);
        parser.RemoveErrorListeners();
        parser.AddErrorListener(new ParserListener());
        return parser.start();
    }

    private static bool IsUnicode(string text)
    {
        var rest = text.AsSpan();
        while (!rest.IsEmpty && Rune.DecodeFromUtf16(rest, out _, out var length) == OperationStatus.Done)
        {
            rest = rest[length..];
        }

        return rest.IsEmpty;
    }

    private static void HoldLimits(IList<IToken> tokens)
    {
        var (depth, conditionals) = (0, 0);
        for (var i = 0; i < tokens.Count; i++)
        {
            var token = tokens[i];
            depth += token.Type switch
            {
                CelParser.LPAREN or CelParser.LBRACKET or CelParser.LBRACE => 1,
                CelParser.RPAREN or CelParser.RPRACKET or CelParser.RBRACE => -1,
                _ => 0,
            };
            conditionals += token.Type == CelParser.QUESTIONMARK ? 1 : 0;
            if (i >= CelLimits.Tokens || depth > CelLimits.Nesting || conditionals > CelLimits.Nesting)
            {
                throw Problem(
                    token,
                    $"the expression is too large: at most {CelLimits.Tokens} words and signs, and {CelLimits.Nesting} "
                        + "brackets within each other"
                );
            }
        }
    }

    private static ExpressionException Problem(IToken token, string problem) =>
        new(token.Line, token.Column + 1, problem);

    private sealed class LexerListener : IAntlrErrorListener<int>
    {
        public void SyntaxError(
            TextWriter output,
            IRecognizer recognizer,
            int offendingSymbol,
            int line,
            int charPositionInLine,
            string msg,
            RecognitionException e
        ) => throw new ExpressionException(line, charPositionInLine + 1, Unknown);
    }

    private sealed class ParserListener : BaseErrorListener
    {
        public override void SyntaxError(
            TextWriter output,
            IRecognizer recognizer,
            IToken offendingSymbol,
            int line,
            int charPositionInLine,
            string msg,
            RecognitionException e
        ) =>
            throw Problem(
                offendingSymbol,
                offendingSymbol.Type == CelParser.Eof
                    ? "the expression ends too early"
                    : $"'{offendingSymbol.Text}' does not belong here"
            );
    }
}
