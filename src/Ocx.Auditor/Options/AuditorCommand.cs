using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using System.Text;

namespace Ocx.Auditor.Options;

/// <summary>The command line.</summary>
internal sealed class AuditorCommand
{
    // sockaddr_un has 108 bytes for the path and the zero behind it (unix(7)).
    private const int LongestSocket = 107;

    private const string Scheme = "unix:";

    private readonly Option<string> _audits = new("--audits")
    {
        Description = "The file with the audits: McpAudit objects in YAML or JSON",
        HelpName = "FILE",
    };

    private readonly Option<bool> _cluster = new("--cluster")
    {
        Description =
            "The audits are the McpAudits of the cluster, whose API server the pod's account or KUBECONFIG says",
    };

    private readonly Option<int> _grpcPort = new("--grpc-port")
    {
        Description = "With --cluster: the port where agents report, by gRPC over TLS",
        HelpName = "PORT",
        CustomParser = Port,
    };

    private readonly Option<string> _tls = new("--tls")
    {
        Description = "With --cluster: the folder of tls.crt and tls.key, which are read again when they change",
        HelpName = "FOLDER",
    };

    private readonly Option<ServiceAccount> _agents = new("--agents")
    {
        Description = "With --cluster: the ServiceAccount of the agents",
        HelpName = "NAMESPACE/NAME",
        CustomParser = Account,
    };

    private readonly Option<ServiceAccount> _gates = new("--gates")
    {
        Description = "With --cluster: the ServiceAccount of the gates (default: no gate is let in)",
        HelpName = "NAMESPACE/NAME",
        CustomParser = Account,
    };

    private readonly Option<bool> _readinessGate = new("--readiness-gate")
    {
        Description = "With --gates: sets the condition ocx.dev/gated of pods that have it as a readiness gate",
    };

    private readonly Option<string> _listen = new("--listen")
    {
        Description =
            "Where agents, gates (without --cluster) and 'ocx audit' reach it (default: unix:/run/ocx/auditor.sock)",
        HelpName = "unix:PATH",
        CustomParser = Socket,
    };

    private readonly LedgerArguments _ledger = new();

    private readonly Option<string> _revertKeys = new("--revert-keys")
    {
        Description =
            "The keys of revert tokens, one of base64 a line; the first makes new ones (default: the ledger's name "
            + "with .revert-keys, made when it is not there)",
        HelpName = "FILE",
    };

    private readonly Option<string> _secrets = new("--secrets")
    {
        Description = "The folder with the audits' secrets, NAME/KEY, as a cluster mounts Secrets (default: none)",
        HelpName = "FOLDER",
    };

    private readonly Option<string> _shadows = new("--shadows")
    {
        Description =
            "With --audits: the folder for shadows of servers and clones of their state, in which calls are rehearsed; "
            + "as root (default: none is)",
        HelpName = "FOLDER",
    };

    private readonly Option<int> _httpPort = new("--http-port")
    {
        Description = "The port of /healthz, /readyz and /metrics (default: none)",
        HelpName = "PORT",
        CustomParser = Port,
    };

    private readonly Option<IPAddress> _httpAddress = new("--http-address")
    {
        Description = "The address of the same (default: 127.0.0.1)",
        HelpName = "ADDRESS",
        CustomParser = Address,
    };

    /// <summary>Describes the command.</summary>
    public AuditorCommand()
    {
        Root = new RootCommand("Judges the MCP calls that agents tell of, and keeps a ledger of the verdicts.")
        {
            _audits,
            _cluster,
            _grpcPort,
            _tls,
            _agents,
            _gates,
            _readinessGate,
            _listen,
            _revertKeys,
            _secrets,
            _shadows,
            _httpPort,
            _httpAddress,
        };
        _ledger.AddTo(Root);
        Root.Validators.Add(Check);
    }

    /// <summary>The command.</summary>
    public RootCommand Root { get; }

    /// <summary>Reads what was typed.</summary>
    public AuditorOptions Read(ParseResult parse)
    {
        var defaults = new AuditorOptions();
        return _ledger.Read(parse, defaults) with
        {
            Audits = parse.GetValue(_audits),
            Cluster = parse.GetValue(_cluster)
                ? new ClusterOptions
                {
                    GrpcPort = parse.GetValue(_grpcPort),
                    Tls = parse.GetRequiredValue(_tls),
                    Agents = parse.GetRequiredValue(_agents),
                    Gates = parse.GetValue(_gates),
                    SetsGatedCondition = parse.GetValue(_readinessGate),
                }
                : null,
            Socket = parse.GetValue(_listen) ?? defaults.Socket,
            RevertKeys = parse.GetValue(_revertKeys),
            Secrets = parse.GetValue(_secrets),
            Shadows = parse.GetValue(_shadows),
            HttpPort = parse.GetValue(_httpPort),
            HttpAddress = parse.GetValue(_httpAddress) ?? defaults.HttpAddress,
        };
    }

    private void Check(CommandResult result)
    {
        if (result.GetValue(_cluster) == (result.GetResult(_audits) is not null))
        {
            result.AddError("give either --audits FILE or --cluster");
        }

        if (result.GetValue(_readinessGate) && result.GetResult(_gates) is null)
        {
            result.AddError("--readiness-gate goes with --gates");
        }

        Option[] needed = [_grpcPort, _tls, _agents];
        if (result.GetValue(_cluster))
        {
            if (needed.FirstOrDefault(option => result.GetResult(option) is null) is { } missing)
            {
                result.AddError($"--cluster needs {missing.Name}");
            }

            if (result.GetResult(_secrets) is not null)
            {
                result.AddError(
                    "--secrets goes with --audits; in a cluster Secrets are read from the audit's namespace"
                );
            }

            if (result.GetResult(_shadows) is not null)
            {
                result.AddError("--shadows goes with --audits; in a cluster no call is rehearsed yet");
            }
        }
        else if (needed.Append(_gates).FirstOrDefault(option => result.GetResult(option) is not null) is { } alone)
        {
            result.AddError($"{alone.Name} goes with --cluster");
        }
    }

    private static ServiceAccount? Account(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (text.Split('/') is [{ Length: > 0 } space, { Length: > 0 } name])
        {
            return new ServiceAccount(space, name);
        }

        result.AddError(
            $"{((OptionResult)result.Parent!).Option.Name} {text}: want NAMESPACE/NAME of a ServiceAccount"
        );
        return null;
    }

    private static string? Socket(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (
            text.StartsWith(Scheme, StringComparison.Ordinal)
            && text[Scheme.Length..] is ['/', ..] path
            && Encoding.UTF8.GetByteCount(path) <= LongestSocket
        )
        {
            return path;
        }

        result.AddError($"--listen {text}: want unix: and a path from /, of {LongestSocket} bytes at most");
        return null;
    }

    private static int Port(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) && port > 0)
        {
            return port;
        }

        result.AddError($"{((OptionResult)result.Parent!).Option.Name} {text}: want a port from 1 to 65535");
        return 0;
    }

    private static IPAddress? Address(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (IPAddress.TryParse(text, out IPAddress? address))
        {
            return address;
        }

        result.AddError($"--http-address {text}: want an IP address");
        return null;
    }
}
