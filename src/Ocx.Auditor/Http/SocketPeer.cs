using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;

namespace Ocx.Auditor.Http;

/// <summary>Who is at the other end of the Unix socket.</summary>
internal static class SocketPeer
{
    // asm-generic/socket.h; struct ucred is pid, uid and gid.
    private const int SolSocket = 1,
        SoPeerCred = 17,
        UcredLength = 12,
        UidAt = 4;

    /// <summary>Its user, as the kernel says.</summary>
    /// <exception cref="InvalidOperationException">The kernel does not say.</exception>
    public static uint Uid(HttpContext http)
    {
        Span<byte> ucred = stackalloc byte[UcredLength];
        return
            http.Features.Get<IConnectionSocketFeature>()?.Socket is { AddressFamily: AddressFamily.Unix } socket
            && socket.GetRawSocketOption(SolSocket, SoPeerCred, ucred) == UcredLength
            ? BinaryPrimitives.ReadUInt32LittleEndian(ucred[UidAt..])
            : throw new InvalidOperationException("the kernel does not say who is at the other end of the socket");
    }

    /// <summary>A user as people know him: <c>root (uid 0)</c>.</summary>
    public static string UserName(uint uid)
    {
        string number = uid.ToString(CultureInfo.InvariantCulture);
        try
        {
            foreach (string line in File.ReadLines("/etc/passwd"))
            {
                if (line.Split(':') is [{ Length: > 0 } name, _, var id, ..] && id == number)
                {
                    return $"{name} (uid {number})";
                }
            }
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            // The number says it too.
        }

        return $"uid {number}";
    }
}
