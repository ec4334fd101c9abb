using Ocx.Fuzz;
using SharpFuzz;

if (args is not [var name] || FuzzTarget.Find(name) is not { } target)
{
    Console.Error.WriteLine(
        $"usage: Ocx.Fuzz {string.Join('|', FuzzTarget.All.Select(each => each.Name))}, "
            + "as afl-fuzz's target; see hack/fuzz.sh"
    );
    return 2;
}

Fuzzer.OutOfProcess.Run(stream =>
{
    using var input = new MemoryStream();
    stream.CopyTo(input);
    target.Run(input.ToArray());
});
return 0;
