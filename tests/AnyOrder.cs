using System.Security.Cryptography;
using System.Text;
using Xunit.Sdk;
using Xunit.v3;

[assembly: Xunit.TestCollectionOrderer(typeof(Ocx.Tests.AnyOrder))]
[assembly: Xunit.TestClassOrderer(typeof(Ocx.Tests.AnyOrder))]
[assembly: Xunit.TestMethodOrderer(typeof(Ocx.Tests.AnyOrder))]
[assembly: Xunit.TestCaseOrderer(typeof(Ocx.Tests.AnyOrder))]

namespace Ocx.Tests;

/// <summary>
/// Tests run in the order of the run's seed, which is another one each time. xUnit's own order does not depend on the
/// seed; it is one of identifiers that hold the assembly's path, so a suite that needs an order would pass in one
/// folder and fail in another. Names alone count here: a seed (<c>program :SEED</c>) gives the same order everywhere.
/// </summary>
internal sealed class AnyOrder : ITestCollectionOrderer, ITestClassOrderer, ITestMethodOrderer, ITestCaseOrderer
{
    public IReadOnlyCollection<T> OrderTestCollections<T>(IReadOnlyCollection<T> testCollections)
        where T : ITestCollection => Shuffle(testCollections, each => WithoutId(each.TestCollectionDisplayName));

    public IReadOnlyCollection<T?> OrderTestClasses<T>(IReadOnlyCollection<T?> testClasses)
        where T : ITestClass => Shuffle(testClasses, each => each?.TestClassName);

    public IReadOnlyCollection<T?> OrderTestMethods<T>(IReadOnlyCollection<T?> testMethods)
        where T : ITestMethod => Shuffle(testMethods, each => each?.MethodName);

    public IReadOnlyCollection<T> OrderTestCases<T>(IReadOnlyCollection<T> testCases)
        where T : ITestCase => Shuffle(testCases, each => each.TestCaseDisplayName);

    private static T[] Shuffle<T>(IEnumerable<T> tests, Func<T, string?> name) =>
        [.. tests.OrderBy(each => Rank(name(each)), StringComparer.Ordinal)];

    private static string Rank(string? name) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{Randomizer.Seed} {name}")));

    // "Test collection for Namespace.Class (id: 0123…)": the identifier holds the path.
    private static string WithoutId(string name) => name.Split(" (id: ")[0];
}
