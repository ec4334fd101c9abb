using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Ocx.Audit.Intents;
using Ocx.Audit.Jury;
using Ocx.Auditor.Jurors;

namespace Ocx.Auditor.Tests.Jurors;

/// <summary>A webhook is asked over TLS, and only what is an answer to the question is a vote.</summary>
public sealed class WebhookJurorTests : IDisposable
{
    private static readonly Intent s_intent = new()
    {
        Key = "0123456789abcdef-1",
        Time = DateTimeOffset.UnixEpoch,
        Method = "tools/call",
        Tool = "delete_orders",
        Arguments = """{"filter":"\u202e"}"""u8.ToArray(),
        ArgumentsDigest = new string('a', 64),
        Hints = new ToolHints(null, true, null, null),
        Client = new Party { Namespace = "shop", Pod = "agent-1" },
    };

    private readonly TestAuthority _authority = new("webhooks");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _authority.Dispose();

    [Theory]
    [InlineData("Release", Ballot.Release)]
    [InlineData("Hold", Ballot.Hold)]
    [InlineData("Refuse", Ballot.Refuse)]
    [InlineData("Abstain", Ballot.Abstain)]
    public async Task Its_answer_is_the_vote(string vote, Ballot expected)
    {
        await using TestWebhook webhook = await StartAsync(http => http.Response.WriteAsync(Answer(vote)));
        using WebhookJuror juror = Juror(webhook);
        Assert.Equal(new Vote(expected, "because"), await juror.JudgeAsync(s_intent, Cancellation));
    }

    [Fact]
    public async Task The_question_has_the_intent_and_no_character_that_could_turn_a_line()
    {
        await using TestWebhook webhook = await StartAsync(http => http.Response.WriteAsync(Answer("Release")));
        using WebhookJuror juror = Juror(webhook);
        await juror.JudgeAsync(s_intent, Cancellation);
        string body = Assert.Single(webhook.Questions).Body;
        Assert.DoesNotContain('\u202e', body);
        JsonElement request = JsonDocument.Parse(body).RootElement.GetProperty("request");
        Assert.Equal(s_intent.Key, request.GetProperty("uid").GetString());
        JsonElement call = request.GetProperty("call");
        Assert.Equal("delete_orders", call.GetProperty("tool").GetString());
        Assert.Equal("Irreversible", call.GetProperty("class").GetString());
        Assert.True(call.GetProperty("annotations").GetProperty("destructiveHint").GetBoolean());
        Assert.Equal("agent-1", call.GetProperty("client").GetProperty("pod").GetString());
        Assert.Equal("\u202e", call.GetProperty("arguments").GetProperty("filter").GetString());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("no JSON")]
    [InlineData("""{"apiVersion":"audit.ocx.dev/v1","kind":"CallReview"}""")]
    [InlineData("""{"apiVersion":"audit.ocx.dev/v2","kind":"CallReview","response":{"uid":"UID","vote":"Release"}}""")]
    [InlineData("""{"apiVersion":"audit.ocx.dev/v1","kind":"CallReview","response":{"uid":"x","vote":"Release"}}""")]
    [InlineData("""{"apiVersion":"audit.ocx.dev/v1","kind":"CallReview","response":{"uid":"UID","vote":"Yes"}}""")]
    [InlineData("""{"apiVersion":"audit.ocx.dev/v1","kind":"CallReview","response":{"uid":"UID"}}""")]
    [InlineData(
        """{"apiVersion":"audit.ocx.dev/v1","kind":"CallReview","response":{"uid":"UID","vote":"Hold","vote":"Hold"}}"""
    )]
    public async Task What_is_no_answer_to_the_question_is_no_vote(string answer)
    {
        await using TestWebhook webhook = await StartAsync(http =>
            http.Response.WriteAsync(answer.Replace("UID", s_intent.Key, StringComparison.Ordinal))
        );
        using WebhookJuror juror = Juror(webhook);
        await Assert.ThrowsAsync<JurorException>(async () => await juror.JudgeAsync(s_intent, Cancellation));
    }

    [Fact]
    public async Task An_answer_without_end_is_not_read_to_its_end()
    {
        await using TestWebhook webhook = await StartAsync(async http =>
        {
            byte[] piece = new byte[64 << 10];
            while (!http.RequestAborted.IsCancellationRequested)
            {
                await http.Response.Body.WriteAsync(piece, http.RequestAborted);
            }
        });
        using WebhookJuror juror = Juror(webhook);
        await Assert.ThrowsAsync<JurorException>(async () => await juror.JudgeAsync(s_intent, Cancellation));
    }

    [Theory]
    [InlineData(HttpStatusCode.InternalServerError)]
    [InlineData(HttpStatusCode.Found)]
    [InlineData(HttpStatusCode.TemporaryRedirect)]
    public async Task Another_status_is_a_failure_and_no_redirect_is_followed(HttpStatusCode status)
    {
        await using TestWebhook webhook = await StartAsync(http =>
        {
            http.Response.StatusCode = (int)status;
            http.Response.Headers.Location = "/elsewhere";
            return Task.CompletedTask;
        });
        using WebhookJuror juror = Juror(webhook);
        JurorException failure = await Assert.ThrowsAsync<JurorException>(async () =>
            await juror.JudgeAsync(s_intent, Cancellation)
        );
        Assert.Equal($"the webhook answered {(int)status}", failure.Message);
        Assert.Single(webhook.Questions);
    }

    [Fact]
    public async Task It_is_given_up_when_its_time_is_over()
    {
        await using TestWebhook webhook = await StartAsync(http => Task.Delay(Timeout.Infinite, http.RequestAborted));
        using WebhookJuror juror = Juror(webhook);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        Task<Vote> vote = juror.JudgeAsync(s_intent, limit.Token).AsTask();
        await Wait.UntilAsync(() => !webhook.Questions.IsEmpty, Cancellation);
        await limit.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => vote);
    }

    [Fact]
    public async Task Only_a_certificate_of_its_authority_is_believed()
    {
        using var other = new TestAuthority("others");
        await using TestWebhook webhook = await StartAsync(http => http.Response.WriteAsync(Answer("Release")));
        using var juror = new WebhookJuror("w", new JurorEndpoint(webhook.Address) { CaBundle = [other.Certificate] });
        await Assert.ThrowsAsync<JurorException>(async () => await juror.JudgeAsync(s_intent, Cancellation));
        Assert.Empty(webhook.Questions);
    }

    [Fact]
    public async Task It_is_shown_who_asks_by_a_certificate_and_by_a_token_that_may_change()
    {
        await using TestWebhook webhook = await TestWebhook.StartAsync(
            _authority.Issue("webhook"),
            (http, _) => http.Response.WriteAsync(Answer("Release")),
            _authority.Certificate
        );
        int asked = 0;
        using X509Certificate2 certificate = _authority.Issue("auditor");
        using var juror = new WebhookJuror(
            "w",
            new JurorEndpoint(webhook.Address)
            {
                CaBundle = [_authority.Certificate],
                ClientCertificate = () => certificate,
                BearerToken = () => $"token-{++asked}",
            }
        );
        await juror.JudgeAsync(s_intent, Cancellation);
        await juror.JudgeAsync(s_intent, Cancellation);
        Assert.Equal(
            ["Bearer token-1", "Bearer token-2"],
            webhook.Questions.Select(question => question.Authorization)
        );
    }

    [Fact]
    public async Task A_webhook_that_is_not_there_is_a_failure()
    {
        Uri address;
        await using (TestWebhook webhook = await StartAsync(_ => Task.CompletedTask))
        {
            address = webhook.Address;
        }

        using var juror = new WebhookJuror("w", new JurorEndpoint(address));
        await Assert.ThrowsAsync<JurorException>(async () => await juror.JudgeAsync(s_intent, Cancellation));
    }

    [Theory]
    [InlineData("http://example.com/review")]
    [InlineData("ftp://localhost/review")]
    public void Arguments_do_not_leave_the_machine_in_clear(string address) =>
        Assert.Throws<ArgumentException>(() => new WebhookJuror("w", new JurorEndpoint(new Uri(address))));

    private Task<TestWebhook> StartAsync(Func<HttpContext, Task> answer) =>
        TestWebhook.StartAsync(_authority.Issue("webhook"), (http, _) => answer(http));

    private WebhookJuror Juror(TestWebhook webhook) =>
        new("w", new JurorEndpoint(webhook.Address) { CaBundle = [_authority.Certificate] });

    private static string Answer(string vote) =>
        """
            {"apiVersion":"audit.ocx.dev/v1","kind":"CallReview",
             "response":{"uid":"UID","vote":"VOTE","reason":"because"}}
            """.Replace("UID", s_intent.Key, StringComparison.Ordinal).Replace("VOTE", vote, StringComparison.Ordinal);
}
