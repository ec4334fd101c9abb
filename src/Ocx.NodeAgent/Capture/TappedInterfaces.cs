using Microsoft.Extensions.Logging;
using Ocx.Bpf;
using Ocx.NodeAgent.Options;

namespace Ocx.NodeAgent.Capture;

/// <summary>
/// Keeps the filter attached to the interfaces that the user named, through their going down, being deleted and coming back.
/// Used by one thread, in the network namespace of that thread.
/// </summary>
internal sealed class TappedInterfaces : IDisposable
{
    private readonly Dictionary<string, PacketSocket> _attached = [];
    private readonly HashSet<string> _down = [];
    private readonly AgentOptions _options;
    private readonly BpfObject _program;
    private readonly ILogger _logger;

    /// <summary>Prepares to attach; <see cref="AttachAll"/> does it.</summary>
    public TappedInterfaces(AgentOptions options, BpfObject program, ILogger logger)
    {
        _options = options;
        _program = program;
        _logger = logger;
    }

    /// <summary>Attaches to every interface that was asked for.</summary>
    /// <exception cref="StartupException">One of them is not there.</exception>
    public void AttachAll()
    {
        if (_options.TapsAnyInterface)
        {
            _attached[AgentOptions.AnyInterface] = PacketSocket.Attach(_program, PacketSocket.AnyInterface);
            _logger.AttachedToInterface(AgentOptions.AnyInterface, PacketSocket.AnyInterface);
            return;
        }
        foreach (string name in _options.Interfaces)
        {
            if (LinkTable.IndexOf(name) == 0)
            {
                throw new StartupException(
                    $"there is no interface '{name}'; there are: {string.Join(", ", LinkTable.List().Values)}");
            }
        }
        Reconcile();
    }

    /// <summary>Compares what is attached with the interfaces that are there now, and makes it so.</summary>
    public void Reconcile()
    {
        if (_options.TapsAnyInterface)
        {
            return;
        }
        foreach (string name in _options.Interfaces)
        {
            int index = LinkTable.IndexOf(name);
            DetachIfGone(name, index);
            if (index != 0 && !_attached.ContainsKey(name))
            {
                Attach(name, index);
            }
            ReportIfDown(name);
        }
    }

    /// <summary>Detaches from all interfaces: no packet enters the ring after it.</summary>
    public void Dispose()
    {
        foreach (PacketSocket socket in _attached.Values)
        {
            socket.Dispose();
        }
        _attached.Clear();
    }

    // A deleted interface that came back has another index; the old socket is bound to nothing.
    private void DetachIfGone(string name, int index)
    {
        if (_attached.TryGetValue(name, out PacketSocket? socket) && socket.InterfaceIndex != index)
        {
            socket.Dispose();
            _attached.Remove(name);
            _down.Remove(name);
            _logger.InterfaceIsGone(name);
        }
    }

    private void Attach(string name, int index)
    {
        try
        {
            _attached[name] = PacketSocket.Attach(_program, index);
            _logger.AttachedToInterface(name, index);
        }
        catch (BpfException) when (LinkTable.IndexOf(name) != index)
        {
            // Deleted between the look and the bind; the next change of interfaces brings us back here.
        }
    }

    // The kernel keeps the socket bound through down and up; the user should know why it is silent.
    private void ReportIfDown(string name)
    {
        if (!_attached.ContainsKey(name))
        {
            return;
        }
        if (LinkTable.IsUp(name))
        {
            if (_down.Remove(name))
            {
                _logger.InterfaceIsUpAgain(name);
            }
        }
        else if (_down.Add(name))
        {
            _logger.InterfaceIsDown(name);
        }
    }
}
