using Ocx.Fuzz;

namespace Ocx.Mcp.Tests;

/// <summary>
/// Each input in the fuzzer's corpus, those that once broke a parser included, is parsed, and within its bounds.
/// </summary>
public class CorpusTests
{
    public static TheoryData<string> Targets => [.. FuzzTarget.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public void Every_input_is_parsed(string name)
    {
        string[] inputs = Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "corpus", name));
        Assert.NotEmpty(inputs);
        Assert.All(inputs, input => FuzzTarget.Find(name)!.Run(File.ReadAllBytes(input)));
    }
}
