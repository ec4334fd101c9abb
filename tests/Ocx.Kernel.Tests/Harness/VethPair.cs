using System.Net;

namespace Ocx.Kernel.Tests.Harness;

/// <summary>A client's and a server's namespace, connected by the veth pair client0–server0.</summary>
internal sealed class VethPair : ILink
{
    /// <summary>Connects the two with an address and prefix length each.</summary>
    public VethPair(string clientAddress, string serverAddress)
    {
        NetworkNamespace.Connect(Client, "client0", Server, "server0");
        Client.Ip($"address add {clientAddress} dev client0");
        Server.Ip($"address add {serverAddress} dev server0");
        ServerAddress = IPAddress.Parse(serverAddress.Split('/')[0]);
    }

    public NetworkNamespace Client { get; } = new();

    public NetworkNamespace Server { get; } = new();

    public IPAddress ServerAddress { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Client.Dispose();
        Server.Dispose();
    }
}
