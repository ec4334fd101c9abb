using System.CommandLine;
using System.Net;
using Ocx.Audit.Link;
using Ocx.Mcp.Pairing;
using Ocx.NodeProgram;

namespace Ocx.NodeAgent.Options;

/// <summary>The command line. Every option has an environment variable, which its flag overrides.</summary>
internal sealed class AgentCommand
{
    private readonly FlagsWithVariables _flags;

    private readonly Option<IReadOnlyList<string>> _interface;
    private readonly Option<IReadOnlyList<ushort>> _port;
    private readonly Option<uint> _ringSize;
    private readonly Option<int> _snapLength;
    private readonly Option<bool> _decapsulate;
    private readonly Option<EventFormat> _events;
    private readonly Option<PayloadMode> _payload;
    private readonly Option<IReadOnlyList<string>> _redactPath;
    private readonly Option<IReadOnlyList<string>> _redactPattern;
    private readonly Option<long> _mcpMemory;
    private readonly Option<bool> _findings;
    private readonly Option<TimeSpan> _statsInterval;
    private readonly Option<TimeSpan?> _duration;
    private readonly Option<Microsoft.Extensions.Logging.LogLevel> _logLevel;
    private readonly Option<LogFormat> _logFormat;
    private readonly Option<int> _httpPort;
    private readonly Option<IPAddress> _httpAddress;
    private readonly Option<Uri?> _otlpEndpoint;
    private readonly Option<string> _auditor;
    private readonly Option<IReadOnlyList<string>> _auditMethods;
    private readonly Option<int> _auditArguments;
    private readonly Option<string> _auditorCa;
    private readonly Option<string> _auditorToken;
    private readonly Option<bool> _report;
    private readonly Option<TimeSpan> _reportInterval;
    private readonly Option<bool> _pods;
    private readonly Option<bool> _processes;
    private readonly Option<string> _tap;
    private readonly Option<string> _tapUid;
    private readonly Option<string> _nodeName;
    private readonly Option<string> _namespace;

    /// <summary>Describes the command; the environment is read when it is parsed.</summary>
    public AgentCommand(Func<string, string?> environment)
    {
        _flags = new(environment);
        var defaults = new AgentOptions();
        _interface = _flags.Option(
            "--interface",
            "OCX_INTERFACE",
            "NAMES",
            OptionParsers.Interfaces,
            defaults.Interfaces,
            "Interfaces to tap: a name, a comma list, or 'any' (default: eth0)"
        );
        _port = _flags.Option(
            "--port",
            "OCX_PORT",
            "PORTS",
            OptionParsers.Ports,
            defaults.Ports,
            "TCP ports to tap at either end: one, or a comma list of up to 16 (default: 8080)"
        );
        _ringSize = _flags.Option(
            "--ring-size",
            "OCX_RING_SIZE",
            "SIZE",
            OptionParsers.RingSize,
            defaults.RingSize,
            "Size of the ring buffer: a power of two, such as 16Mi (default: 16Mi)"
        );
        _snapLength = _flags.Option(
            "--snap-length",
            "OCX_SNAP_LENGTH",
            "BYTES",
            OptionParsers.SnapLength,
            defaults.SnapLength,
            "Payload bytes kept of each packet; 65536 keeps all of any packet (default: 65536)"
        );
        _decapsulate = _flags.Switch(
            "--decapsulate",
            "OCX_DECAPSULATE",
            defaults.Decapsulate,
            "Read what is inside of VXLAN, Geneve, GRE and IP in IP, too (default: false)"
        );
        _events = _flags.Option(
            "--events",
            "OCX_EVENTS",
            "text|json|lines|calls|none",
            OptionParsers.Events,
            defaults.Events,
            "What goes to standard output: segments as json or text, or the MCP calls in them (default: text)"
        );
        _payload = _flags.Option(
            "--payload",
            "OCX_PAYLOAD",
            "full|metadata",
            OptionParsers.Payload,
            defaults.Payload,
            "Whether payloads are part of the output, or only what describes them (default: full)"
        );
        _redactPath = _flags.List(
            "--redact-path",
            "OCX_REDACT_PATH",
            "PATH",
            OptionParsers.RedactPath,
            "A place in arguments and results that is masked, such as $.user.email or $.items[*].key; "
                + "may be given again, in the variable one a line"
        );
        _redactPattern = _flags.List(
            "--redact-pattern",
            "OCX_REDACT_PATTERN",
            "REGEX",
            OptionParsers.RedactPattern,
            "What is masked inside the strings of arguments and results; may be given again, in the variable one a line"
        );
        _mcpMemory = _flags.Option(
            "--mcp-memory",
            "OCX_MCP_MEMORY",
            "SIZE",
            OptionParsers.McpMemory,
            defaults.McpMemory,
            "Memory for following calls; what does not fit is shed and counted (default: 64Mi)"
        );
        _findings = _flags.Switch(
            "--findings",
            "OCX_FINDINGS",
            defaults.Findings,
            "Warn of what an administrator should know, such as tools that change or calls without "
                + "authorization (default: true)"
        );
        _statsInterval = _flags.Option(
            "--stats-interval",
            "OCX_STATS_INTERVAL",
            "DURATION",
            OptionParsers.PositiveDuration,
            defaults.StatsInterval,
            "Time between two lines of counts (default: 10s)"
        );
        _duration = _flags.Option<TimeSpan?>(
            "--duration",
            "OCX_DURATION",
            "DURATION",
            text => OptionParsers.PositiveDuration(text),
            defaults.Duration,
            "Stop after this time (default: run until stopped)"
        );
        _logLevel = _flags.Option(
            "--log-level",
            "OCX_LOG_LEVEL",
            "LEVEL",
            CommonParsers.Level,
            defaults.LogLevel,
            "Least level logged: trace, debug, info, warn or error (default: info)"
        );
        _logFormat = _flags.Option(
            "--log-format",
            "OCX_LOG_FORMAT",
            "text|json",
            CommonParsers.LogFormat,
            defaults.LogFormat,
            "Format of the log on standard error (default: text)"
        );
        _httpPort = _flags.Option(
            "--http-port",
            "OCX_HTTP_PORT",
            "PORT",
            CommonParsers.PortOrNone,
            defaults.HttpPort,
            "Port of /healthz, /readyz and /metrics, or 0 for none (default: 0)"
        );
        _httpAddress = _flags.Option(
            "--http-address",
            "OCX_HTTP_ADDRESS",
            "ADDRESS",
            CommonParsers.Address,
            defaults.HttpAddress,
            "The one address that they are served on (default: 127.0.0.1)"
        );
        _otlpEndpoint = _flags.Option<Uri?>(
            "--otlp-endpoint",
            "OCX_OTLP_ENDPOINT",
            "URL",
            OptionParsers.HttpUrl,
            _flags.FromEnvironment<Uri?>("OTEL_EXPORTER_OTLP_ENDPOINT", OptionParsers.HttpUrl, null),
            "OTLP receiver of a span and a log of each call; the protocol and headers are OTEL_EXPORTER_OTLP_* "
                + "(default: OTEL_EXPORTER_OTLP_ENDPOINT, else none)"
        );
        _auditor = _flags.Option(
            "--auditor",
            "OCX_AUDITOR",
            "ADDRESS",
            AuditorEndpoint.Parse,
            "",
            "Who judges calls and is told of them: unix:/path, or https://host:port (default: nobody)"
        );
        _auditMethods = _flags.Option(
            "--audit-methods",
            "OCX_AUDIT_METHODS",
            "METHODS",
            OptionParsers.Methods,
            AuditorOptions.DefaultMethods,
            "With --auditor: the methods whose calls it is told of, as a comma list (default: tools/call)"
        );
        _auditArguments = _flags.Option(
            "--audit-arguments",
            "OCX_AUDIT_ARGUMENTS",
            "SIZE",
            OptionParsers.AuditArguments,
            AuditorOptions.DefaultArguments,
            "With --auditor: what it is told of a call's arguments at most (default: 256Ki)"
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
        _report = _flags.Switch(
            "--report",
            "OCX_REPORT",
            false,
            "Keep this node's McpTapReport current; works in a pod (default: false)"
        );
        _reportInterval = _flags.Option(
            "--report-interval",
            "OCX_REPORT_INTERVAL",
            "DURATION",
            OptionParsers.PositiveDuration,
            TimeSpan.FromSeconds(10),
            "Time between two reports, until the operator names another (default: 10s)"
        );
        _pods = _flags.Switch(
            "--pods",
            "OCX_PODS",
            false,
            "Name this node's pods at the ends of calls; works in a pod (default: false)"
        );
        _processes = _flags.Switch(
            "--processes",
            "OCX_PROCESSES",
            defaults.NamesProcesses,
            "Name this machine's processes at the ends of calls, where it allows that (default: true)"
        );
        _tap = _flags.Option("--tap", "OCX_TAP", "NAME", text => text, "", "With --report: the McpTap");
        _tapUid = _flags.Option("--tap-uid", "OCX_TAP_UID", "UID", text => text, "", "With --report: its uid");
        _nodeName = _flags.Option(
            "--node-name",
            "OCX_NODE_NAME",
            "NAME",
            text => text,
            "",
            "With --report and --pods: the node"
        );
        _namespace = _flags.Option(
            "--namespace",
            "OCX_NAMESPACE",
            "NAME",
            text => text,
            "",
            "With --report: the namespace of the report"
        );
        Root = new RootCommand(
            "Shows the MCP traffic of this machine's interfaces, straight from the kernel.\n"
                + "Captured segments go to standard output, the log to standard error. Needs CAP_BPF and CAP_NET_RAW."
        )
        {
            _interface,
            _port,
            _ringSize,
            _snapLength,
            _events,
            _payload,
            _redactPath,
            _redactPattern,
            _mcpMemory,
            _decapsulate,
            _findings,
            _statsInterval,
            _duration,
            _logLevel,
            _logFormat,
            _httpPort,
            _httpAddress,
            _otlpEndpoint,
            _auditor,
            _auditMethods,
            _auditArguments,
            _auditorCa,
            _auditorToken,
            _report,
            _reportInterval,
            _pods,
            _processes,
            _tap,
            _tapUid,
            _nodeName,
            _namespace,
        };
    }

    /// <summary>The command as the library knows it.</summary>
    public RootCommand Root { get; }

    /// <summary>Reads the options of a parse.</summary>
    /// <exception cref="StartupException">
    /// Something on the command line or in the environment is wrong; the first error is told.
    /// </exception>
    public AgentOptions Read(ParseResult result)
    {
        if (result.Errors.Count > 0)
        {
            throw new StartupException(result.Errors[0].Message);
        }
        var options = new AgentOptions
        {
            Interfaces = result.GetRequiredValue(_interface),
            Ports = result.GetRequiredValue(_port),
            RingSize = result.GetValue(_ringSize),
            SnapLength = result.GetValue(_snapLength),
            Events = result.GetValue(_events),
            Payload = result.GetValue(_payload),
            Redaction = new()
            {
                Paths = result.GetRequiredValue(_redactPath),
                Patterns = result.GetRequiredValue(_redactPattern),
            },
            McpMemory = result.GetValue(_mcpMemory),
            Decapsulate = result.GetValue(_decapsulate),
            Findings = result.GetValue(_findings),
            StatsInterval = result.GetValue(_statsInterval),
            Duration = result.GetValue(_duration),
            LogLevel = result.GetValue(_logLevel),
            LogFormat = result.GetValue(_logFormat),
            HttpPort = result.GetValue(_httpPort),
            HttpAddress = result.GetRequiredValue(_httpAddress),
            OtlpEndpoint = result.GetValue(_otlpEndpoint),
            Auditor = result.GetValue(_auditor) is { Length: > 0 } auditor ? ReadAuditor(result, auditor) : null,
            Report = result.GetValue(_report) ? ReadReport(result) : null,
            NamesProcesses = result.GetValue(_processes),
            PodsOfNode = result.GetValue(_pods) ? Needed(result, "--pods", _nodeName) : null,
        };
        return _flags.EnvironmentError is { } error ? throw new StartupException(error) : options;
    }

    private AuditorOptions ReadAuditor(ParseResult result, string address)
    {
        var endpoint = new AuditorEndpoint
        {
            Address = address,
            AuthorityFile = result.GetRequiredValue(_auditorCa) is { Length: > 0 } ca ? ca : null,
            TokenFile = result.GetRequiredValue(_auditorToken) is { Length: > 0 } token ? token : null,
        };
        return endpoint.Problem is { } problem
            ? throw new StartupException(problem)
            : new AuditorOptions
            {
                Endpoint = endpoint,
                Methods = result.GetRequiredValue(_auditMethods),
                MaxArguments = result.GetValue(_auditArguments),
            };
    }

    private ReportOptions ReadReport(ParseResult result) =>
        new()
        {
            Tap = Needed(result, "--report", _tap),
            TapUid = Needed(result, "--report", _tapUid),
            Node = Needed(result, "--report", _nodeName),
            Namespace = Needed(result, "--report", _namespace),
            Interval = result.GetValue(_reportInterval),
        };

    private static string Needed(ParseResult result, string by, Option<string> option) =>
        result.GetRequiredValue(option) is { Length: > 0 } text
            ? text
            : throw new StartupException($"{by} needs {option.Name}; the operator's DaemonSets set it");
}
