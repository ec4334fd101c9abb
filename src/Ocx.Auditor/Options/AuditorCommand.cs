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
        Required = true,
    };

    private readonly Option<string> _listen = new("--listen")
    {
        Description = "Where agents and 'ocx audit' reach it (default: unix:/run/ocx/auditor.sock)",
        HelpName = "unix:PATH",
        CustomParser = Socket,
    };

    private readonly Option<string> _ledger = new("--ledger")
    {
        Description = "The ledger's file; made when it is not there (default: /var/lib/ocx/ledger.db)",
        HelpName = "FILE",
    };

    private readonly Option<string> _secrets = new("--secrets")
    {
        Description = "The folder with the jurors' secrets, NAME/KEY, as a cluster mounts Secrets (default: none)",
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
    public AuditorCommand() =>
        Root = new RootCommand("Judges the MCP calls that agents tell of, and keeps a ledger of the verdicts.")
        {
            _audits,
            _listen,
            _ledger,
            _secrets,
            _httpPort,
            _httpAddress,
        };

    /// <summary>The command.</summary>
    public RootCommand Root { get; }

    /// <summary>Reads what was typed.</summary>
    public AuditorOptions Read(ParseResult parse)
    {
        var defaults = new AuditorOptions { Audits = parse.GetRequiredValue(_audits) };
        return defaults with
        {
            Socket = parse.GetValue(_listen) ?? defaults.Socket,
            Ledger = parse.GetValue(_ledger) ?? defaults.Ledger,
            Secrets = parse.GetValue(_secrets),
            HttpPort = parse.GetValue(_httpPort),
            HttpAddress = parse.GetValue(_httpAddress) ?? defaults.HttpAddress,
        };
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

        result.AddError($"--http-port {text}: want a port from 1 to 65535");
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
