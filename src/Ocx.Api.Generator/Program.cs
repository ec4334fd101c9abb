using Ocx.Api.Generator;

// usage: dotnet run --project src/Ocx.Api.Generator -- FOLDER...
// Writes one CustomResourceDefinition a file; deploy/crds and the chart's crds are what it writes.
if (args is [])
{
    await Console.Error.WriteLineAsync("usage: Ocx.Api.Generator FOLDER...").ConfigureAwait(false);
    return 2;
}

foreach (string folder in args)
{
    Directory.CreateDirectory(folder);
    foreach (var (name, yaml) in CrdGenerator.All())
    {
        await File.WriteAllTextAsync(Path.Combine(folder, name), yaml).ConfigureAwait(false);
    }
}

return 0;
