using System.Text;

namespace Ocx.Cli.Tests.Status;

/// <summary>What an API server, or a proxy in its place, may answer: objects that others wrote, and anything.</summary>
public sealed class HostileApiTests : IDisposable
{
    private readonly string _kubeconfig = Path.GetTempFileName();

    [Theory]
    [InlineData("table")]
    [InlineData("wide")]
    [InlineData("json")]
    public async Task A_tap_that_cannot_be_read_is_named_and_hides_no_other(string format)
    {
        const string List = """
            {"items":[
              {"metadata":{"name":"bad"},"spec":{"interface":"any","port":"no port"},"status":{"readyNodes":1e99}},
              7, null, {"metadata":{}},
              {"metadata":{"name":"good"},"spec":{"interface":"any","port":8080},
               "status":{"conditions":[{"type":"Ready","status":"False","reason":"a\u001b[2J","message":"b\u202e"}]}}
            ]}
            """;

        Ocx status = await RunAsync("200 OK", Encoding.UTF8.GetBytes(List), "status", "-o", format);

        Assert.Equal(0, status.ExitCode);
        Assert.Contains("good", status.Output, StringComparison.Ordinal);
        Assert.Contains("cannot be read", status.Errors, StringComparison.Ordinal);
        AssertPlain(status);
    }

    // An earlier definition took each of these.
    [Theory]
    [InlineData("""{"resources":{"limits":{"memory":"lots"}}}""", "spec.resources.limits.memory: 'lots'")]
    [InlineData("""{"resources":{"requests":{"cpu":"1e999999999"}}}""", "spec.resources.requests.cpu")]
    [InlineData("""{"updateStrategy":{"rollingUpdate":{"maxUnavailable":true}}}""", "maxUnavailable")]
    [InlineData("""{"port":1e99}""", "$.spec.port")]
    [InlineData("null", "spec: it is null")]
    public async Task A_tap_whose_spec_cannot_be_read_is_shown_with_what_the_operator_says_of_it(
        string spec,
        string problem
    )
    {
        const string Said = """
            {"conditions":[{"type":"Ready","status":"False","reason":"InvalidSpec","message":"operator's word"},
                           {"type":"Degraded","status":"True","reason":"InvalidSpec","message":"operator's word"}]}
            """;
        byte[] told = Encoding.UTF8.GetBytes(
            $$"""{"items":[{"metadata":{"name":"odd"},"spec":{{spec}},"status":{{Said}}}]}"""
        );
        byte[] untold = Encoding.UTF8.GetBytes($$"""{"items":[{"metadata":{"name":"odd"},"spec":{{spec}}}]}""");

        Ocx table = await RunAsync("200 OK", told, "status");
        Ocx wide = await RunAsync("200 OK", told, "status", "-o", "wide");
        Ocx json = await RunAsync("200 OK", told, "status", "-o", "json");
        Ocx alone = await RunAsync("200 OK", untold, "status", "-o", "wide");

        Assert.All([table, wide, json, alone], run => Assert.Equal(0, run.ExitCode));
        Assert.All(
            [table, wide, json, alone],
            run => Assert.Contains("odd cannot be read as a whole", run.Errors, StringComparison.Ordinal)
        );
        Assert.Matches(@"(?m)^odd +- +- +0/0 .* InvalidSpec *$", table.Output);
        Assert.Contains("operator's word", wide.Output, StringComparison.Ordinal);
        Assert.Equal(spec, System.Text.Json.Nodes.JsonNode.Parse(json.Output)!["spec"]?.ToJsonString() ?? "null");
        Assert.Contains(problem, alone.Errors, StringComparison.Ordinal);
        Assert.Contains("InvalidSpec", alone.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("500 No", "{\"message\":\"\\u001b[2J\\ud83d\"}")]
    [InlineData("403 No", "[\"x\"]")]
    [InlineData("404 No", "\"\u001b]0;title\u0007\"")]
    [InlineData("502 No", "")]
    [InlineData("200 OK", "<html>")]
    [InlineData("200 OK", "{\"items\":7}")]
    [InlineData("200 OK", "null")]
    public async Task An_answer_that_is_none_ends_in_one_line(string status, string body)
    {
        foreach (
            string[] command in (string[][])
                [
                    ["status"],
                    ["observe"],
                    ["observe", "--tail", "1"],
                ]
        )
        {
            Ocx wrong = await RunAsync(status, Encoding.UTF8.GetBytes(body), command);

            Assert.Equal(1, wrong.ExitCode);
            Assert.Single(wrong.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            AssertPlain(wrong);
        }
    }

    [Fact]
    public async Task A_refusal_of_any_length_is_a_line_of_bounded_length()
    {
        byte[] body = new byte[8 << 20];
        Array.Fill(body, (byte)0x1b);

        Ocx wrong = await RunAsync("500 No", body, "status");

        Assert.Equal(1, wrong.ExitCode);
        Assert.InRange(wrong.Errors.Length, 1, 2100);
        AssertPlain(wrong);
    }

    public void Dispose() => File.Delete(_kubeconfig);

    private async Task<Ocx> RunAsync(string status, byte[] body, params string[] command)
    {
        await using var api = new AnsweringServer(status, "application/json", body);
        await File.WriteAllTextAsync(_kubeconfig, api.Kubeconfig, TestContext.Current.CancellationToken);
        return await Ocx.RunAsync([.. command, "--kubeconfig", _kubeconfig]);
    }

    private static void AssertPlain(Ocx run) =>
        Assert.DoesNotContain(run.Output + run.Errors, c => c != '\n' && (char.IsControl(c) || c == '\u202e'));
}
