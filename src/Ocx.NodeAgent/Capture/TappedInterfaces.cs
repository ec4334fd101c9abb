using Microsoft.Extensions.Logging;
using Ocx.Bpf;
using Ocx.NodeAgent.Options;
using Ocx.NodeProgram;

namespace Ocx.NodeAgent.Capture;

/// <summary>
/// Keeps the filter attached to the interfaces that the user named, through their going down, being deleted and coming
/// back. Used by one thread, in the network namespace of that thread.
/// </summary>
internal sealed class TappedInterfaces : IDisposable
{
    // A message that lists interfaces is read in a table.
    private const int MaxNamed = 12;

    private readonly Dictionary<string, PacketSocket> _attached = [];
    private readonly HashSet<string> _down = [];
    private readonly Dictionary<string, string> _problems = [];
    private readonly AgentOptions _options;
    private readonly BpfObject _program;
    private readonly ILogger _logger;
    private volatile string? _problem;

    /// <summary>Prepares to attach; <see cref="AttachAll"/> does it.</summary>
    public TappedInterfaces(AgentOptions options, BpfObject program, ILogger logger)
    {
        _options = options;
        _program = program;
        _logger = logger;
    }

    /// <summary>
    /// Why an interface that was asked for is not tapped at the moment; null when all are. Safe from any thread.
    /// </summary>
    public string? Problem => _problem;

    /// <summary>Attaches to every interface that was asked for.</summary>
    /// <exception cref="StartupException">One of them is not there, or the kernel refuses it.</exception>
    public void AttachAll()
    {
        Update();
        if (Problem is { } problem)
        {
            throw new StartupException(problem);
        }
    }

    /// <summary>Compares what is attached with the interfaces that are there now, and makes it so.</summary>
    public void Reconcile()
    {
        string? before = Problem;
        Update();
        if (Problem is { } problem && problem != before)
        {
            _logger.NotCapturing(problem);
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

    private void Update()
    {
        foreach (string name in _options.Interfaces)
        {
            bool any = name == AgentOptions.AnyInterface;
            int index = any ? PacketSocket.AnyInterface : LinkTable.IndexOf(name);
            DetachIfGone(name, index);
            if (!_attached.ContainsKey(name))
            {
                if (any || index != 0)
                {
                    Attach(name, index);
                }
                else if (!_problems.ContainsKey(name))
                {
                    // Told once, as it was found: on a node where pods come and go the list is never the same for long.
                    _problems[name] = $"there is no interface '{name}'; there are: {NamesOfOthers()}";
                }
            }
            ReportIfDown(name);
        }
        _problem = _problems.Values.FirstOrDefault();
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
            _problems.Remove(name);
            _logger.AttachedToInterface(name, index);
        }
        catch (BpfException) when (index != PacketSocket.AnyInterface && LinkTable.IndexOf(name) != index)
        {
            // Deleted between the look and the bind; the next change of interfaces brings us back here.
        }
        catch (BpfException refused)
        {
            _problems[name] = $"cannot attach to interface '{name}': {refused.Message}";
        }
    }

    // Those with the lowest indexes: the machine's own come before its pods'.
    private static string NamesOfOthers()
    {
        IReadOnlyDictionary<int, string> links = LinkTable.List();
        return string.Join(", ", links.Values.Take(MaxNamed)) + (links.Count > MaxNamed ? ", …" : "");
    }

    // The kernel keeps the socket bound through down and up; the user should know why it is silent.
    private void ReportIfDown(string name)
    {
        if (name == AgentOptions.AnyInterface || !_attached.ContainsKey(name))
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
