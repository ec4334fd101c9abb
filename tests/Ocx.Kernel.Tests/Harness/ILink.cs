namespace Ocx.Kernel.Tests.Harness;

/// <summary>A client's and a server's namespace, and what connects them. Disposing it removes all three.</summary>
internal interface ILink : IDisposable
{
    NetworkNamespace Client { get; }

    NetworkNamespace Server { get; }
}
