using System.Net.Sockets;
using DotNet.Testcontainers.Configurations;
using DotNet.Testcontainers.Containers;

namespace Ocx.Container.Tests;

/// <summary>
/// Waits until a container takes connections on its own address. Docker's proxy would take them on a published port
/// before that.
/// </summary>
internal sealed class Listening(int port) : IWaitUntil
{
    public async Task<bool> UntilAsync(IContainer container)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(container.IpAddress, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
