using System.Buffers;
using System.Text.Json;
using Ocx.Audit.Intents;
using Ocx.Audit.Jury;
using Ocx.Audit.Rehearsals;
using Ocx.Text;

namespace Ocx.Auditor.Jurors;

/// <summary>
/// The question that a webhook is asked and the answer that it gives, in the manner of Kubernetes' AdmissionReview.
/// Their schema is docs/schemas/call-review-v1.json.
/// </summary>
internal static class CallReview
{
    /// <summary>Version and kind of both objects.</summary>
    public const string ApiVersion = "audit.ocx.dev/v1",
        Kind = "CallReview";

    /// <summary>The longest answer that is read, in bytes.</summary>
    public const int LongestAnswer = 64 << 10;

    /// <summary>The question: JSON on one line.</summary>
    /// <param name="intent">The call.</param>
    /// <param name="evidence">What its rehearsal showed; null of a call that was not to be rehearsed.</param>
    public static ReadOnlyMemory<byte> Question(Intent intent, RehearsalEvidence? evidence = null)
    {
        var json = new ArrayBufferWriter<byte>(1024 + intent.Arguments.Length);
        using (var to = new Utf8JsonWriter(json, WireJson.WriterOptions))
        {
            to.WriteStartObject();
            to.WriteString("apiVersion", ApiVersion);
            to.WriteString("kind", Kind);
            to.WriteStartObject("request");
            to.WriteString("uid", intent.Key);
            to.WritePropertyName("call");
            IntentJson.Write(to, intent);
            if (evidence is not null)
            {
                to.WritePropertyName("rehearsal");
                EvidenceJson.Write(to, evidence);
            }

            to.WriteEndObject();
            to.WriteEndObject();
        }

        return json.WrittenMemory;
    }

    /// <summary>Reads the answer.</summary>
    /// <param name="json">What came back, of any provenance.</param>
    /// <param name="uid">The key of the call that was asked about.</param>
    /// <exception cref="FormatException">It is no answer to this question.</exception>
    public static Vote Answer(ReadOnlySpan<byte> json, string uid)
    {
        WireObject review = WireObject.Parse(json);
        if (review.Text("apiVersion") != ApiVersion || review.Text("kind") != Kind)
        {
            throw new FormatException($"it is no {Kind} of {ApiVersion}");
        }

        WireObject response = review.Inner("response") ?? throw new FormatException("it has no response");
        if (response.Text("uid") != uid)
        {
            throw new FormatException("its uid is that of another call");
        }

        Ballot ballot = response.Text("vote") switch
        {
            "Release" => Ballot.Release,
            "Hold" => Ballot.Hold,
            "Refuse" => Ballot.Refuse,
            "Abstain" => Ballot.Abstain,
            _ => throw new FormatException("its vote is none of Release, Hold, Refuse and Abstain"),
        };
        return new Vote(ballot, response.Text("reason"));
    }
}
