using System.Text;
using System.Text.Json;

namespace Ocx.Kernel.Tests.Live;

/// <summary>
/// Pairs the messages that one process sent and received, which it wrote down in order and with their exchanges.
/// </summary>
internal sealed class JournalCalls
{
    private readonly Dictionary<string, Exchange> _exchanges = [];
    private readonly Dictionary<string, string> _clients = [];
    private readonly List<Call> _calls = [];

    /// <summary>All calls so far.</summary>
    public IEnumerable<LiveCall> All => _calls.Select(Finished);

    /// <summary>Takes the next line.</summary>
    public void Take(JsonElement line)
    {
        string id = line.GetProperty("exchange").GetString()!;
        if (!_exchanges.TryGetValue(id, out Exchange? exchange))
        {
            _exchanges[id] = exchange = new Exchange();
        }

        exchange.Update(line);
        string kind = line.GetProperty("kind").GetString()!;
        if (kind == "end")
        {
            End(exchange, line.GetProperty("whole").GetBoolean());
            return;
        }

        string text = line.GetProperty("text").GetString()!;
        if (kind == "endpoint")
        {
            exchange.Session = Exchange.SessionOf(text);
            return;
        }

        bool isResponse = line.GetProperty("flow").GetString() == "response";
        if (TryParse(text) is { } json)
        {
            foreach (
                JsonElement message in json.ValueKind == JsonValueKind.Array ? json.EnumerateArray().ToArray() : [json]
            )
            {
                long length = Encoding.UTF8.GetByteCount(
                    json.ValueKind == JsonValueKind.Array ? message.GetRawText() : text
                );
                TakeMessage(exchange, message, isResponse, length);
            }

            if (exchange.EndedWhole is { } whole)
            {
                End(exchange, whole); // some servers answer before they read what is asked
            }
        }
    }

    // Plain pages and refusals in words are no messages.
    private static JsonElement? TryParse(string text)
    {
        try
        {
            return JsonElement.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private void TakeMessage(Exchange exchange, JsonElement message, bool fromServer, long length)
    {
        if (message.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        string id = Member(message, "id") is { ValueKind: not JsonValueKind.Null } given ? given.GetRawText() : "";
        if (Text(message, "method") is { Length: > 0 } method)
        {
            JsonElement? parameters = Member(message, "params");
            if (id.Length > 0)
            {
                _calls.Add(new Call(exchange, fromServer, id, method, parameters, length));
            }
            else if (method == "notifications/cancelled" && Member(parameters, "requestId") is { } cancelled)
            {
                Cancel(exchange, fromServer, cancelled.GetRawText());
            }
            else if (
                method == "notifications/progress"
                && Member(parameters, "progressToken") is { } token
                && InProgress(exchange, !fromServer, token.GetRawText()) is { } progressing
            )
            {
                progressing.Progress++;
            }
        }
        else if (Outcome(message) is { } outcome && Asked(exchange, !fromServer, id) is { } call)
        {
            (call.Outcome, call.ResponseBytes) = (outcome, length);
            if (call.Method == "initialize" && exchange.Session.Length > 0)
            {
                _clients[exchange.Session] = call.ClientName;
            }
        }
    }

    private static string? Outcome(JsonElement message) =>
        Member(message, "error") is { ValueKind: JsonValueKind.Object } error
            ? LiveCall.RpcError(error.GetProperty("code").GetInt32())
        : Member(message, "result") is not { } result ? null
        : Text(result, "resultType") == "input_required" ? "input_required"
        : Member(result, "isError") is { ValueKind: JsonValueKind.True } ? "tool_error"
        : "ok";

    // An answer is of its exchange, or of another of the session's streams; a refusal that names no request is of the
    // only one there.
    private Call? Asked(Exchange exchange, bool fromServer, string id)
    {
        Call[] open = [.. _calls.Where(call => call.Outcome is null && call.FromServer == fromServer)];
        Call[] own = fromServer ? [] : [.. open.Where(call => call.Exchange == exchange)];
        return id.Length == 0
            ? (own is [var only] && exchange.Status < 300 ? only : null)
            : own.FirstOrDefault(call => call.Id == id)
                ?? open.FirstOrDefault(call => call.Id == id && call.Exchange.SharesSessionWith(exchange));
    }

    private Call? InProgress(Exchange exchange, bool fromServer, string token)
    {
        Call[] open =
        [
            .. _calls.Where(call =>
                call.Outcome is null && call.FromServer == fromServer && call.ProgressToken == token
            ),
        ];
        return open.FirstOrDefault(call => call.Exchange == exchange)
            ?? open.FirstOrDefault(call => call.Exchange.SharesSessionWith(exchange));
    }

    private void Cancel(Exchange exchange, bool fromServer, string id)
    {
        Call[] likely =
        [
            .. _calls.Where(call => call.Outcome is null && call.FromServer == fromServer && call.Id == id),
        ];
        if (likely.FirstOrDefault(call => call.Exchange.SharesSessionWith(exchange)) is { } certain)
        {
            certain.Outcome = LiveCall.Cancelled;
        }
        else if (exchange.Session.Length == 0 && likely is [var only])
        {
            only.IsCancelAsked = true;
        }
    }

    private void End(Exchange exchange, bool whole)
    {
        exchange.EndedWhole = whole;
        foreach (
            Call call in _calls.Where(call => call is { Outcome: null, FromServer: false } && call.Exchange == exchange)
        )
        {
            call.Outcome =
                exchange.Status >= 300 ? LiveCall.HttpError(exchange.Status)
                : call.IsCancelAsked || (call.IsStateless && !whole) ? LiveCall.Cancelled
                : null;
        }
    }

    private LiveCall Finished(Call call) =>
        new(
            call.Exchange.Port,
            call.FromServer ? 0 : call.Exchange.ClientPort,
            call.Session,
            call.ClientName.Length > 0 ? call.ClientName : _clients.GetValueOrDefault(call.Session, ""),
            call.FromServer ? LiveCall.OfServer(call.Method) : call.Method,
            call.Name,
            call.Outcome ?? LiveCall.Unpaired,
            call.RequestBytes,
            call.ResponseBytes,
            call.Progress
        );

    private static JsonElement? Member(JsonElement? of, string name) =>
        of is { ValueKind: JsonValueKind.Object } && of.Value.TryGetProperty(name, out JsonElement value)
            ? value
            : null;

    private static string Text(JsonElement? of, string name) =>
        Member(of, name) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : string.Empty;

    private sealed class Exchange
    {
        public int Port { get; private set; }

        public int ClientPort { get; private set; }

        public int Status { get; private set; }

        public string Session { get; set; } = string.Empty;

        public bool? EndedWhole { get; set; }

        // What is known only later stands in the later lines.
        public void Update(JsonElement line)
        {
            Port = line.GetProperty("port").GetInt32();
            ClientPort = Member(line, "clientPort")?.GetInt32() ?? ClientPort;
            Status = Member(line, "status")?.GetInt32() ?? Status;
            string session = Text(line, "session");
            Session =
                session.Length > 0 ? session
                : Session.Length > 0 ? Session
                : SessionOf(line.GetProperty("path").GetString()!);
        }

        // The session of the 2024-11-05 transport stands in its endpoint's URL.
        public static string SessionOf(string url) =>
            url.Split("sessionId=") is [_, var id] ? id.Split('&')[0] : string.Empty;

        public bool SharesSessionWith(Exchange other) => Session.Length > 0 && Session == other.Session;
    }

    private sealed class Call(
        Exchange exchange,
        bool fromServer,
        string id,
        string method,
        JsonElement? parameters,
        long length
    )
    {
        private readonly JsonElement? _meta = Member(parameters, "_meta");
        private readonly string _session = exchange.Session;

        public Exchange Exchange => exchange;

        public bool FromServer => fromServer;

        public string Id => id;

        public string Method => method;

        public string Name =>
            method is "tools/call" or "prompts/get" ? Text(parameters, "name")
            : method.StartsWith("resources/", StringComparison.Ordinal) ? Text(parameters, "uri")
            : method == "completion/complete"
                ? Text(Member(parameters, "ref"), "name") + Text(Member(parameters, "ref"), "uri")
            : string.Empty;

        // That of the request: what an answer names counts for what is asked after a handshake.
        public string Session => method == "initialize" ? exchange.Session : _session;

        public string ClientName =>
            method == "initialize" && Member(parameters, "clientInfo") is { } info
                ? Text(info, "name")
                : Text(Member(_meta, "io.modelcontextprotocol/clientInfo"), "name");

        public bool IsStateless => Text(_meta, "io.modelcontextprotocol/protocolVersion").Length > 0;

        public string ProgressToken => Member(_meta, "progressToken")?.GetRawText() ?? string.Empty;

        public long RequestBytes => length;

        public bool IsCancelAsked { get; set; }

        public string? Outcome { get; set; }

        public long ResponseBytes { get; set; }

        public long Progress { get; set; }
    }
}
