using System.ClientModel;
using System.ClientModel.Primitives;
using Microsoft.Extensions.AI;
using Ocx.Audit.Intents;
using Ocx.Audit.Jury;
using Ocx.Audit.Rehearsals;
using OpenAI;

namespace Ocx.Auditor.Jurors;

/// <summary>
/// A juror that asks one or more language models over an OpenAI-compatible chat completions endpoint. Of several, the
/// vote is that of more than half of those that answered; where no vote has so many, it is Hold. It fails when no more
/// than half of the models answered. A model can be talked into anything by what it is shown: the audit's quorum
/// decides how much its word counts.
/// </summary>
public sealed class ModelJuror : IJuror, IDisposable
{
    // A vote and a sentence, in tokens; and what an endpoint may wrap it in, in bytes.
    private const int LongestVote = 400,
        LongestAnswer = 256 << 10;

    private static readonly ChatOptions s_options = new()
    {
        Temperature = 0,
        MaxOutputTokens = LongestVote,
        ResponseFormat = ChatResponseFormat.ForJsonSchema(ModelAnswer.Schema, "vote", "The vote on the call."),
    };

    private readonly JurorEndpoint _endpoint;
    private readonly Func<string> _instructions;
    private readonly HttpClient _http;
    private readonly ApiKeyCredential _key = new("none");
    private readonly (string Name, IChatClient Client)[] _models;

    /// <summary>Creates a juror.</summary>
    /// <param name="name">Its name in the audit.</param>
    /// <param name="endpoint">The base address of the API, such as <c>https://models.example/v1</c>.</param>
    /// <param name="models">The models' names there; at least one.</param>
    /// <param name="instructions">What the models are told, asked for each time; null: the built-in text.</param>
    /// <exception cref="ArgumentException">The address is none that may be used, or no model is named.</exception>
    public ModelJuror(
        string name,
        JurorEndpoint endpoint,
        IReadOnlyList<string> models,
        Func<string>? instructions = null
    )
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(models);
        ArgumentOutOfRangeException.ThrowIfZero(models.Count, nameof(models));
        (Name, _endpoint, _instructions) = (name, endpoint, instructions ?? (() => ModelPrompt.Default));
        _http = endpoint.Open(LongestAnswer);
        var options = new OpenAIClientOptions
        {
            Endpoint = endpoint.Address,
            Transport = new HttpClientPipelineTransport(_http),
            RetryPolicy = new ClientRetryPolicy(maxRetries: 0), // a question costs money, and its time is short
            NetworkTimeout = Timeout.InfiniteTimeSpan,
        };
        var client = new OpenAIClient(_key, options);
        _models = [.. models.Select(model => (model, client.GetChatClient(model).AsIChatClient()))];
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public bool WantsEvidence => true;

    /// <inheritdoc/>
    /// <exception cref="JurorException">
    /// No more than half of the models answered, or what they are asked with is not there.
    /// </exception>
    public ValueTask<Vote> JudgeAsync(Intent intent, CancellationToken cancellation) =>
        AskAsync(intent, null, cancellation);

    /// <inheritdoc/>
    /// <exception cref="JurorException">
    /// No more than half of the models answered, or what they are asked with is not there.
    /// </exception>
    public ValueTask<Vote> JudgeAsync(Intent intent, RehearsalEvidence evidence, CancellationToken cancellation) =>
        AskAsync(intent, evidence, cancellation);

    private async ValueTask<Vote> AskAsync(Intent intent, RehearsalEvidence? evidence, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(intent);
        ChatMessage[] messages = Question(intent, evidence);
        Answer[] answers = await Task.WhenAll(
            _models.Select(model => AskAsync(model.Name, model.Client, messages, cancellation))
        );
        cancellation.ThrowIfCancellationRequested();
        return Decide(answers);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((_, IChatClient client) in _models)
        {
            client.Dispose();
        }

        _http.Dispose();
    }

    private ChatMessage[] Question(Intent intent, RehearsalEvidence? evidence)
    {
        _key.Update(_endpoint.Token() ?? "none");
        string instructions;
        try
        {
            instructions = _instructions();
        }
        catch (ArgumentException wrong)
        {
            throw new JurorException(wrong.Message, wrong); // the prompt is not there
        }

        return ModelPrompt.For(instructions, intent, evidence);
    }

    private static async Task<Answer> AskAsync(
        string model,
        IChatClient client,
        ChatMessage[] messages,
        CancellationToken cancellation
    )
    {
        try
        {
            ChatResponse response = await client.GetResponseAsync(messages, s_options, cancellation);
            return new Answer(model, ModelAnswer.Read(response.Text), null);
        }
#pragma warning disable CA1031 // Whatever went wrong, this model did not vote; what that means is decided below.
        catch (Exception wrong)
#pragma warning restore CA1031
        {
            return new Answer(model, default, wrong);
        }
    }

    private static Vote Decide(Answer[] answers)
    {
        Answer[] voted = [.. answers.Where(answer => answer.Failure is null)];
        if (2 * voted.Length <= answers.Length)
        {
            Answer failed = answers.First(answer => answer.Failure is not null);
            throw new JurorException(
                $"{answers.Length - voted.Length} of {answers.Length} models gave no vote; "
                    + $"{failed.Model}: {Explain(failed.Failure!)}",
                failed.Failure!
            );
        }

        if (answers.Length == 1)
        {
            return voted[0].Vote;
        }

        foreach (IGrouping<Ballot, Answer> side in voted.GroupBy(answer => answer.Vote.Ballot))
        {
            if (2 * side.Count() > voted.Length)
            {
                return new Vote(side.Key, $"{side.Count()} of {voted.Length} models: {side.First().Vote.Reason}");
            }
        }

        return new Vote(
            Ballot.Hold,
            $"the models disagree: {string.Join(", ", voted.Select(answer => $"{answer.Model} {answer.Vote.Ballot}"))}"
        );
    }

    // The endpoint's own words may repeat what it was sent.
    private static string Explain(Exception failure) =>
        failure switch
        {
            FormatException => "its answer is no vote",
            ClientResultException { Status: > 0 } answered => $"the endpoint answered {answered.Status}",
            _ => $"it could not be asked ({failure.GetBaseException().GetType().Name})",
        };

    private sealed record Answer(string Model, Vote Vote, Exception? Failure);
}
