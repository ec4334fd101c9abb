using System.Net.Sockets;
using Ocx.Auditor.Options;

namespace Ocx.Auditor.Listening;

/// <summary>The Unix socket's file. Only its owner may connect: whoever may speaks for every agent.</summary>
internal static class ListeningSocket
{
    /// <summary>Makes room for the socket: its folder, and a file that an auditor left behind which is gone.</summary>
    /// <exception cref="StartupException">Another auditor listens there, or the folder cannot be made.</exception>
    public static void Prepare(string path)
    {
        try
        {
            Directory.CreateDirectory(
                Path.GetDirectoryName(path)!,
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            );
            if (!File.Exists(path))
            {
                return;
            }

            if (Answers(path))
            {
                throw new StartupException(
                    $"another auditor listens on {path}; stop it, or give --listen another path"
                );
            }

            File.Delete(path);
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"cannot listen on {path}: {wrong.Message}", wrong);
        }
    }

    /// <summary>Makes a socket that Kestrel may listen on. Nobody but its owner can ever connect to it.</summary>
    /// <exception cref="StartupException">The path cannot be bound.</exception>
    public static Socket Bind(System.Net.EndPoint endpoint)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(endpoint);

            // A socket that does not listen yet takes no connection, so there is no moment with wider rights.
            File.SetUnixFileMode(endpoint.ToString()!, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            return socket;
        }
        catch (Exception wrong) when (wrong is SocketException or IOException or UnauthorizedAccessException)
        {
            socket.Dispose();
            throw new StartupException($"cannot listen on {endpoint}: {wrong.Message}", wrong);
        }
    }

    private static bool Answers(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
