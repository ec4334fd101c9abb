using System.Text.Json;
using Ocx.Audit.Jury;
using Ocx.Text;

namespace Ocx.Auditor.Jurors;

/// <summary>What a model has to answer: an object that a JSON schema binds.</summary>
internal static class ModelAnswer
{
    /// <summary>The answer's schema, in the part of JSON Schema that model servers enforce.</summary>
    public static JsonElement Schema { get; } =
        JsonElement.Parse(
            """
            {
              "type": "object",
              "properties": {
                "reason": { "type": "string", "description": "Why, in one short sentence." },
                "vote": { "type": "string", "enum": ["Release", "Hold", "Refuse"] }
              },
              "required": ["reason", "vote"],
              "additionalProperties": false
            }
            """
        );

    /// <summary>Reads an answer. A server that does not enforce the schema may send anything.</summary>
    /// <exception cref="FormatException">It is no such object.</exception>
    public static Vote Read(string text)
    {
        WireObject answer = WireObject.Parse(System.Text.Encoding.UTF8.GetBytes(text));
        Ballot ballot = answer.Text("vote") switch
        {
            "Release" => Ballot.Release,
            "Hold" => Ballot.Hold,
            "Refuse" => Ballot.Refuse,
            _ => throw new FormatException("the model's vote is none of Release, Hold and Refuse"),
        };
        return new Vote(ballot, answer.Text("reason"));
    }
}
