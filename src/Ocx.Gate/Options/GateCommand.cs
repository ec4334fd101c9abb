using System.CommandLine;
using System.Net;
using Microsoft.Extensions.Logging;
using Ocx.Audit.Link;
using Ocx.Audit.Wire;
using Ocx.NodeProgram;

namespace Ocx.Gate.Options;

/// <summary>
/// The command line. Options that the agent has too have its environment variables, which their flags override.
/// </summary>
internal sealed class GateCommand
{
    private readonly FlagsWithVariables _flags;

    private readonly Option<IReadOnlyList<ushort>> _port;
    private readonly Option<string> _auditor;
    private readonly Option<string> _auditorCa;
    private readonly Option<string> _auditorToken;
    private readonly Option<bool> _cluster = new("--cluster")
    {
        Description =
            "On a node of a cluster: holds calls of those pods that the auditor names, each in its network namespace",
    };

    private readonly Option<bool> _remove = new("--remove")
    {
        Description = "Holds nothing: takes away what gates have set in any network namespace of this node",
    };

    private readonly Option<string> _netns;
    private readonly Option<ushort> _queue;
    private readonly Option<int> _queues;
    private readonly Option<GateFailurePolicy> _failurePolicy;
    private readonly Option<string> _nodeName;
    private readonly Option<int> _httpPort;
    private readonly Option<IPAddress> _httpAddress;
    private readonly Option<LogLevel> _logLevel;
    private readonly Option<LogFormat> _logFormat;

    /// <summary>Describes the command; the environment is read when it is parsed.</summary>
    public GateCommand(Func<string, string?> environment)
    {
        _flags = new(environment);
        _port = _flags.Option<IReadOnlyList<ushort>>(
            "--port",
            "OCX_PORT",
            "PORTS",
            text => CommonParsers.Ports(text, GateOptions.MaxPorts),
            [],
            "TCP ports of the MCP servers: one, or a comma list of up to 64 (needed)"
        );
        _auditor = _flags.Option(
            "--auditor",
            "OCX_AUDITOR",
            "ADDRESS",
            AuditorEndpoint.Parse,
            "",
            "Who judges calls: unix:/path, or https://host:port (needed)"
        );
        _auditorCa = _flags.Option(
            "--auditor-ca",
            "OCX_AUDITOR_CA",
            "FILE",
            text => text,
            "",
            "With --auditor https: the certificate authority that it is trusted by, PEM (default: the machine's)"
        );
        _auditorToken = _flags.Option(
            "--auditor-token",
            "OCX_AUDITOR_TOKEN",
            "FILE",
            text => text,
            "",
            "With --auditor https: the file of the token to show, read for each connection (default: none)"
        );
        _netns = FlagsWithVariables.FlagAlone(
            "--netns",
            "NAME|PATH",
            GateParsers.Namespace,
            "",
            "The servers' network namespace: a name of `ip netns`, or a path such as /proc/1234/ns/net "
                + "(default: the gate's own)"
        );
        _queue = FlagsWithVariables.FlagAlone(
            "--queue",
            "NUMBER",
            GateParsers.Queue,
            (ushort)20480,
            "The first packet queue's number; in one namespace no other program may use it (default: 20480)"
        );
        _queues = FlagsWithVariables.FlagAlone(
            "--queues",
            "COUNT",
            GateParsers.Queues,
            1,
            "How many queues, each with a thread; connections are spread over them by their addresses (default: 1)"
        );
        _failurePolicy = FlagsWithVariables.FlagAlone(
            "--failure-policy",
            "Closed|Open",
            GateParsers.FailurePolicy,
            GateFailurePolicy.Closed,
            "What becomes of calls as long as no auditor has sent rules: Closed refuses, Open lets pass "
                + "(default: Closed)"
        );
        _nodeName = _flags.Option(
            "--node-name",
            "OCX_NODE_NAME",
            "NAME",
            text => text,
            "",
            "The node, as the auditor is told of it (default: the machine's name)"
        );
        _httpPort = _flags.Option(
            "--http-port",
            "OCX_HTTP_PORT",
            "PORT",
            CommonParsers.PortOrNone,
            0,
            "Port of /healthz, /readyz and /metrics, or 0 for none (default: 0)"
        );
        _httpAddress = _flags.Option(
            "--http-address",
            "OCX_HTTP_ADDRESS",
            "ADDRESS",
            CommonParsers.Address,
            IPAddress.Loopback,
            "The one address that they are served on (default: 127.0.0.1)"
        );
        _logLevel = _flags.Option(
            "--log-level",
            "OCX_LOG_LEVEL",
            "LEVEL",
            CommonParsers.Level,
            LogLevel.Information,
            "Least level logged: trace, debug, info, warn or error (default: info)"
        );
        _logFormat = _flags.Option(
            "--log-format",
            "OCX_LOG_FORMAT",
            "text|json",
            CommonParsers.LogFormat,
            LogFormat.Text,
            "Format of the log on standard error (default: text)"
        );
        Root = new RootCommand(
            "Holds calls of MCP servers, or their results, in the kernel until an auditor has judged them.\n"
                + "Needs CAP_NET_ADMIN and CAP_NET_RAW, and CAP_SYS_ADMIN for --netns; in a cluster CAP_SYS_PTRACE\n"
                + "too, and the node's own process ids and network."
        )
        {
            _port,
            _cluster,
            _remove,
            _auditor,
            _auditorCa,
            _auditorToken,
            _netns,
            _queue,
            _queues,
            _failurePolicy,
            _nodeName,
            _httpPort,
            _httpAddress,
            _logLevel,
            _logFormat,
        };
    }

    /// <summary>The command as the library knows it.</summary>
    public RootCommand Root { get; }

    /// <summary>Reads the options of a parse.</summary>
    /// <exception cref="StartupException">
    /// Something on the command line or in the environment is wrong; the first error is told.
    /// </exception>
    public GateOptions Read(ParseResult result)
    {
        if (result.Errors.Count > 0)
        {
            throw new StartupException(result.Errors[0].Message);
        }

        var options = new GateOptions
        {
            Ports = result.GetRequiredValue(_port),
            IsCluster = result.GetValue(_cluster),
            Removes = result.GetValue(_remove),
            Auditor = new AuditorEndpoint
            {
                Address = result.GetRequiredValue(_auditor),
                AuthorityFile = Given(result, _auditorCa),
                TokenFile = Given(result, _auditorToken),
            },
            Namespace = Given(result, _netns),
            Queue = result.GetValue(_queue),
            Queues = result.GetValue(_queues),
            FailurePolicy = result.GetValue(_failurePolicy),
            NodeName = Given(result, _nodeName) ?? Environment.MachineName,
            HttpPort = result.GetValue(_httpPort),
            HttpAddress = result.GetRequiredValue(_httpAddress),
            LogLevel = result.GetValue(_logLevel),
            LogFormat = result.GetValue(_logFormat),
        };
        if (_flags.EnvironmentError is { } error)
        {
            throw new StartupException(error);
        }

        Check(options);
        return options;
    }

    private static void Check(GateOptions options)
    {
        if (options.IsCluster && options.Removes)
        {
            throw new StartupException("--cluster and --remove: one of the two");
        }

        if ((options.IsCluster || options.Removes) && (options.Ports.Count > 0 || options.Namespace is not null))
        {
            throw new StartupException("--port and --netns do not go with --cluster and --remove, which find the pods");
        }

        if (options.Removes)
        {
            return;
        }

        if (options.Ports.Count == 0 && !options.IsCluster)
        {
            throw new StartupException("--port is needed: the TCP port of the MCP server, such as --port 8080");
        }

        if (options.Auditor.Address.Length == 0)
        {
            throw new StartupException("--auditor is needed: who judges calls, such as unix:/run/ocx/auditor.sock");
        }

        if (options.Auditor.Problem is { } problem)
        {
            throw new StartupException(problem);
        }

        if (options.Queue + options.Queues - 1 > ushort.MaxValue)
        {
            throw new StartupException("--queue and --queues: there is no packet queue beyond 65535");
        }
    }

    private static string? Given(ParseResult result, Option<string> option) =>
        result.GetRequiredValue(option) is { Length: > 0 } text ? text : null;
}
