using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;
using Microsoft.Win32.SafeHandles;

namespace Ocx.Kernel.Tests.Harness;

/// <summary>A network namespace of a test's own, with lo up. Disposing it removes it with all its interfaces.</summary>
internal sealed class NetworkNamespace : IDisposable
{
    private static int s_count;

    private readonly SafeFileHandle _file;

    public NetworkNamespace()
    {
        int number = Interlocked.Increment(ref s_count);
        if (number == 1)
        {
            RemoveOrphans();
        }
        Name = string.Create(CultureInfo.InvariantCulture, $"ocx-{Environment.ProcessId}-{number}");
        Command.Run("ip", "netns", "add", Name);
        _file = File.OpenHandle($"/run/netns/{Name}");
        Ip("link set lo up");
        // No router solicitations, no duplicate address detection, no tail loss probes: what is sent is what a test
        // sends, once.
        Exec(
            "sysctl",
            "-qw",
            "net.ipv6.conf.default.accept_dad=0",
            "net.ipv6.conf.default.router_solicitations=0",
            "net.ipv4.tcp_early_retrans=0"
        );
    }

    /// <summary>The name that ip-netns(8) knows it by.</summary>
    public string Name { get; }

    /// <summary>
    /// Did TCP in this namespace send a segment again, or see one come out of order? Then so does whoever watches.
    /// </summary>
    public bool IsDisturbed =>
        Run(() => Count("snmp", "Tcp:", "RetransSegs") + Count("netstat", "TcpExt:", "TCPOFOQueue") > 0);

    /// <summary>Connects two namespaces by a veth pair; both ends are up.</summary>
    public static void Connect(NetworkNamespace left, string leftName, NetworkNamespace right, string rightName)
    {
        left.Ip($"link add {leftName} type veth peer name {rightName} netns {right.Name}");
        foreach ((NetworkNamespace side, string name) in new[] { (left, leftName), (right, rightName) })
        {
            // One CPU receives: else a sender that moves to another CPU has two packets of a flow received at the same
            // time.
            side.Exec("sh", "-c", $"echo 1 > /sys/class/net/{name}/queues/rx-0/rps_cpus");
            side.Ip($"link set {name} up");
        }
    }

    /// <summary>Runs ip(8) in the namespace; the arguments are separated by blanks.</summary>
    public string Ip(string arguments) => Command.Run("ip", ["-n", Name, .. arguments.Split(' ')]);

    /// <summary>Runs a command in the namespace.</summary>
    public string Exec(string file, params IEnumerable<string> arguments) =>
        Command.Run("ip", ["netns", "exec", Name, file, .. arguments]);

    /// <summary>
    /// Runs code in the namespace, on a thread of its own; sockets that it opens belong to the namespace for good.
    /// </summary>
    public T Run<T>(Func<T> code)
    {
        T result = default!;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                if (Native.setns((int)_file.DangerousGetHandle(), Native.CloneNewNet) != 0)
                {
                    throw Native.Failed($"enter the network namespace {Name}");
                }
                result = code();
            }
#pragma warning disable CA1031 // It is thrown again on the caller's thread.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result;
    }

    /// <inheritdoc cref="Run{T}(Func{T})"/>
    public void Run(Action code) =>
        Run(() =>
        {
            code();
            return 0;
        });

    /// <summary>HTTP to one server, over connections that are opened in the namespace.</summary>
    /// <param name="server">The server.</param>
    /// <param name="connected">Makes the stream of a connected socket, which it owns.</param>
    public SocketsHttpHandler HttpTo(IPEndPoint server, Func<Socket, Stream> connected) =>
        new()
        {
            ConnectCallback = async (_, cancellation) =>
            {
                Socket socket = Run(() =>
                    new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }
                );
                await socket.ConnectAsync(server, cancellation);
                return connected(socket);
            },
        };

    /// <inheritdoc/>
    public void Dispose()
    {
        _file.Dispose();
        Command.Run("ip", "netns", "delete", Name);
    }

    // Those of runs that were killed. What another run uses now has the number of a process that is there.
    private static void RemoveOrphans()
    {
        foreach (
            string name in (Directory.Exists("/run/netns") ? Directory.GetFiles("/run/netns", "ocx-*") : []).Select(
                file => Path.GetFileName(file)
            )
        )
        {
            if (
                name.Split('-') is [_, var process, _]
                && int.TryParse(process, CultureInfo.InvariantCulture, out _)
                && !Directory.Exists($"/proc/{process}")
            )
            {
                Command.TryRun("ip", "netns", "delete", name);
            }
        }
    }

    // Two lines for each protocol, one with the names and one with the values (proc(5)).
    private static long Count(string file, string protocol, string name)
    {
        string[][] lines =
        [
            .. File.ReadLines($"/proc/thread-self/net/{file}")
                .Where(line => line.StartsWith(protocol, StringComparison.Ordinal))
                .Select(line => line.Split(' ')),
        ];
        return long.Parse(lines[1][Array.IndexOf(lines[0], name)], CultureInfo.InvariantCulture);
    }
}
