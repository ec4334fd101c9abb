using Ocx.Mcp.Http;
using Ocx.Mcp.Pairing;
using Ocx.Mcp.Records;

namespace Ocx.Mcp.Streams;

/// <summary>
/// Makes exchanges of the requests and responses of a connection, and hands on what their bodies say.
/// </summary>
internal sealed class HttpMessages(Conversation conversation, McpShared shared)
{
    /// <summary>Those that are not over.</summary>
    public HttpExchanges Exchanges { get; } = new(shared);

    /// <summary>A head was read.</summary>
    public void Begin(int side, HttpStream stream)
    {
        HttpHead head = stream.Reader.Head;
        EndUnended(side, stream);
        if (side == conversation.ClientSide)
        {
            stream.Exchange = Exchanges.Request(head, conversation.Client, conversation.Server, stream.MessageStart);
        }
        else if (head.Status is >= 200 or 101)
        {
            stream.Exchange = Exchanges.Response(head, conversation.Server, stream.MessageStart);
        }

        stream.Body.Begin(head);
        if (head.SwitchesProtocol)
        {
            conversation.Abandon(UnreadableKind.Upgraded);
        }
    }

    /// <summary>A message is complete.</summary>
    public void End(int side, HttpStream stream)
    {
        bool client = side == conversation.ClientSide;
        if (!client && stream.Reader.Head.Status < 200)
        {
            stream.MessageStart = 0; // 100 Continue and its like: the response is still to come (RFC 9110, 15.2)
            return;
        }

        stream.Body.End();
        if (stream.Exchange is { IsOver: false } exchange)
        {
            stream.Exchange = null;
            if (client)
            {
                EndRequest(exchange, stream.Body.Completeness, conversation.Place(side, exchange, stream.MessageStart));
            }
            else
            {
                exchange.NoteMissing(stream.Body.Completeness);
                exchange.MayResume = stream.Body.MayResume;
                Exchanges.EndResponse(exchange, conversation[side].Now);
            }
        }

        stream.MessageStart = 0;
    }

    /// <summary>The rest of a request will not come: it is told from what was read of it.</summary>
    public void CutRequest(int side, HttpStream stream, CallCompleteness missing = CallCompleteness.Complete)
    {
        if (stream.Exchange is { IsOver: false } exchange)
        {
            stream.Body.Cut();
            exchange.NoteMissing(missing);
            stream.Exchange = null;
            EndRequest(exchange, stream.Body.Completeness, conversation.Place(side, exchange, stream.MessageStart));
        }
    }

    /// <summary>
    /// A message whose end was not seen ends where the next one begins, or where reading resumes. A request's answer
    /// may be there already: then nothing else ends their exchange.
    /// </summary>
    public void EndUnended(int side, HttpStream stream)
    {
        if (side == conversation.ClientSide)
        {
            CutRequest(side, stream, CallCompleteness.Gap);
        }
        else if (stream.Exchange is { IsOver: false } exchange)
        {
            stream.Exchange = null;
            exchange.NoteMissing(CallCompleteness.Gap);
            Exchanges.Close(exchange, clientEndedFirst: false, conversation[side].Now);
        }
    }

    /// <summary>A body, or an event of it, is a text.</summary>
    public void TakeJson(int side, HttpStream stream, ReadOnlySpan<byte> json, in MessageExtent extent)
    {
        if (stream.Exchange is not { IsOver: false } exchange)
        {
            return;
        }

        if (stream.Body.IsEndpoint)
        {
            Exchanges.Endpoint(exchange, json, conversation.Client, conversation.Server);
            return;
        }

        long firstByte =
            exchange.IsEventStream && side != conversation.ClientSide ? conversation[side].Now : stream.MessageStart;
        MessageExtent told = extent with { IsMeant = extent.IsMeant && exchange.Status != Exchange.Accepted };
        shared.Messages.Take(json, told, conversation.Place(side, exchange, firstByte));
    }

    private void EndRequest(Exchange exchange, CallCompleteness completeness, in MessagePlace place)
    {
        if (
            exchange.Calls.Count == 0
            && exchange.McpMethod.Length > 0
            && completeness != CallCompleteness.Complete
            && !exchange.McpMethod.StartsWith("notifications/", StringComparison.Ordinal)
        )
        {
            shared.Messages.TakeHeaders(place, completeness);
        }

        foreach (OpenCall call in exchange.Calls)
        {
            call.NoteMissing(completeness);
        }

        shared.Messages.TakeEarly(exchange);
        Exchanges.EndRequest(exchange, place.Now);
    }
}
