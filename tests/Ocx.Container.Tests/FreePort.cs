using System.Net.NetworkInformation;
using System.Security.Cryptography;

namespace Ocx.Container.Tests;

/// <summary>
/// A port that nobody on this machine listens on, chosen by chance from those that the kernel gives to no connection by
/// itself: agents on the host network see all of the machine's traffic, another run's containers included.
/// </summary>
internal static class FreePort
{
    public static int Next()
    {
        while (true)
        {
            var port = RandomNumberGenerator.GetInt32(10_000, 30_000);
            if (
                IPGlobalProperties
                    .GetIPGlobalProperties()
                    .GetActiveTcpListeners()
                    .All(listener => listener.Port != port)
            )
            {
                return port;
            }
        }
    }
}
