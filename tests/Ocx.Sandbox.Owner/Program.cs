// Owns sandboxes until it is killed, for the tests of what is left then: it starts one, begins a call that never
// answers, and says "calling".
//   Ocx.Sandbox.Owner STATE RUNSC SOURCE PATH COMMAND...     one folder of the host's; the command listens on 3000
using System.Text.Json;
using Ocx.Sandbox.Bundles;
using Ocx.Sandbox.Sandboxes;

using var machine = SandboxMachine.Open(new SandboxOptions { StateFolder = args[0], Runsc = args[1] });
await using ShadowServer server = await machine.StartAsync(
    new SandboxSpec
    {
        Folders = [.. args[2].Split(',').Zip(args[3].Split(','), (source, path) => new SandboxFolder(source, path))],
        Command = args[4..],
        Endpoint = new Uri("http://127.0.0.1:3000/mcp"),
    }
);
Task call = server.CallAsync(
    new SandboxCall
    {
        Tool = "sleep",
        Arguments = JsonElement.Parse("{}"),
        Timeout = TimeSpan.FromMinutes(10),
    }
);
Console.WriteLine("calling");
await call;
