using System.Buffers;
using System.Text.Json;
using Ocx.Audit.Approvals;
using Ocx.Audit.Reverts;
using Ocx.Audit.Tokens;
using Ocx.Auditor.Reverting;
using Ocx.Ledger;
using Ocx.Text;

namespace Ocx.Auditor.Http;

/// <summary>
/// A call's revert token, and what it does, for whoever may use the socket. Who takes a call back is who the kernel
/// says is at the other end.
/// </summary>
internal static class RevertEndpoints
{
    private const int LongestOrder = 4096;

    /// <summary>Adds what tells a token: it stands nowhere until it is asked for.</summary>
    public static void MapRevertTokens(this RouteGroupBuilder endpoints, LedgerReader ledger, RevertKeyRing keys) =>
        endpoints.MapGet(
            "/records/{call}/token",
            async (HttpContext http, string call) =>
                await ledger.FindAsync(call, http.RequestAborted) is { } record
                && RevertToken.Of(keys, record) is { } token
                    ? Results.Text(token.Text)
                    : Results.NotFound()
        );

    /// <summary>Adds what <c>ocx audit revert</c> asks for.</summary>
    /// <param name="endpoints">Those of the socket.</param>
    /// <param name="desk">Takes calls back.</param>
    /// <param name="standsAlone">There is no cluster: whoever may use the socket may take calls back.</param>
    public static void MapReverts(this RouteGroupBuilder endpoints, RevertDesk desk, bool standsAlone) =>
        endpoints.MapPost(
            "/revert",
            async Task<IResult> (HttpContext http) => await RevertAsync(http, desk, standsAlone)
        );

    private static async Task<IResult> RevertAsync(HttpContext http, RevertDesk desk, bool standsAlone)
    {
        if (await ReadAsync(http) is not { } order)
        {
            return Results.BadRequest();
        }

        try
        {
            RevertAnswer answer = await (
                !order.CarryOut ? desk.LookAsync(order.Token, http.RequestAborted)
                : standsAlone
                    ? desk.CarryOutAsync(
                        order.Token,
                        SocketPeer.UserName(SocketPeer.Uid(http)),
                        WireText.Escape(order.Reason, Approval.LongestWord),
                        http.RequestAborted
                    )
                : throw new RevertRefusedException(
                    "in a cluster an auditor takes nothing back: whoever may use its socket is not for that somebody "
                        + "who may; without --yes you see which call does, for somebody who may make it"
                )
            );
            return Results.Bytes(Line(answer), "application/json");
        }
        catch (RevertRefusedException refused)
        {
            string why = WireText.Escape(refused.Message, RevertAnswer.LongestText);
            return Results.Text(why, statusCode: StatusCodes.Status409Conflict);
        }
        catch (LedgerException wrong)
        {
            return Results.Text(
                $"the ledger cannot be used: {WireText.Escape(wrong.Message, RevertAnswer.LongestText)}; "
                    + "see by 'ocx audit revert TOKEN' whether the token is used up",
                statusCode: StatusCodes.Status409Conflict
            );
        }
    }

    private static async Task<(string Token, bool CarryOut, string Reason)?> ReadAsync(HttpContext http)
    {
        byte[] body = new byte[LongestOrder];
        int length = await http.Request.Body.ReadAtLeastAsync(body, body.Length, false, http.RequestAborted);
        try
        {
            WireObject from = WireObject.Parse(body.AsSpan(0, length));
            return (from.Text("token"), from.Flag("carryOut"), from.Text("reason"));
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static byte[] Line(RevertAnswer answer)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, WireJson.WriterOptions))
        {
            answer.Write(json);
        }

        return buffer.WrittenSpan.ToArray();
    }
}
