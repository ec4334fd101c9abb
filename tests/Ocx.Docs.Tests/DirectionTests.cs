namespace Ocx.Docs.Tests;

/// <summary>Imports run one way, between projects and between the folders of a project: docs/architecture.md.</summary>
public class DirectionTests
{
    // Not of one direction yet; nothing may join them.
    private static readonly HashSet<(string Project, string From, string To)> s_known =
    [
        // A handle's release is a native call, and a native call's signature has the handle.
        ("Ocx.Bpf", "Handles", "."),
        ("Ocx.Bpf", "Handles", "Interop"),
        ("Ocx.Bpf", "Interop", "Handles"),
    ];

    [Fact]
    public void Projects_refer_to_each_other_in_one_direction()
    {
        Assert.Contains("Ocx.Mcp", SourceTree.Projects["Ocx.NodeAgent"]);
        Assert.Empty(
            SourceTree.Cycles(SourceTree.Projects.SelectMany(project => project.Value.Select(to => (project.Key, to))))
        );
    }

    [Fact]
    public void No_folder_uses_what_lies_above_it()
    {
        Assert.Contains(SourceTree.Uses, use => use is { Project: "Ocx.NodeAgent", From: ".", To: "Capture" });
        Assert.DoesNotContain(Unknown(), use => use.To == ".");
    }

    [Fact]
    public void Folders_use_each_other_in_one_direction()
    {
        Use[] uses = [.. Unknown().Where(use => use.To != ".")];
        var cycles = uses.GroupBy(use => use.Project)
            .SelectMany(project =>
                SourceTree
                    .Cycles(project.Select(use => (use.From, use.To)))
                    .Select(edge => (Project: project.Key, edge.From, edge.To))
            )
            .ToHashSet();
        Assert.DoesNotContain(uses, use => cycles.Contains((use.Project, use.From, use.To)));
    }

    [Fact]
    public void A_cycle_is_seen() =>
        Assert.Equal(
            [("a", "b"), ("b", "c"), ("c", "a")],
            SourceTree.Cycles([("a", "b"), ("b", "c"), ("c", "a"), ("c", "d"), ("e", "a")])
        );

    private static IEnumerable<Use> Unknown() =>
        SourceTree.Uses.Where(use => !s_known.Contains((use.Project, use.From, use.To)));
}
