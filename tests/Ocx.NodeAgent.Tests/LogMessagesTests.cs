using System.Reflection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Ocx.NodeAgent.Tests;

public class LogMessagesTests
{
    [Fact]
    public void Each_event_has_an_id_of_its_own()
    {
        const BindingFlags Any =
            BindingFlags.Static
            | BindingFlags.Instance
            | BindingFlags.Public
            | BindingFlags.NonPublic
            | BindingFlags.DeclaredOnly;
        Assembly agent = typeof(Agent).Assembly;
        var ids = new[] { agent, typeof(Bpf.LibBpfLog).Assembly, typeof(Audit.Link.CallMessages).Assembly }
            .SelectMany(assembly => assembly.GetTypes())
            .SelectMany(type => type.GetMethods(Any))
            .Select(method => (method.Name, Attribute: method.GetCustomAttribute<LoggerMessageAttribute>()))
            .Where(message => message.Attribute is not null)
            .ToLookup(message => message.Attribute!.EventId, message => message.Name);
        Assert.True(ids.Count > 20, $"{ids.Count} messages were found");
        Assert.All(ids, id => Assert.Single(id));
    }
}
