using System.Globalization;
using System.Text;

namespace Ocx.Gate.Http;

/// <summary>The whole HTTP response that answers a refused call in the server's place.</summary>
internal static class Refusal
{
    /// <summary>
    /// Makes the response: 200 for a client that reads the answer of its POST, 403 for others and where the ids are not
    /// known. The connection closes behind it.
    /// </summary>
    public static byte[] Response(AuditError error, RequestBody request)
    {
        byte[] body = new ErrorForms(error, request.Ids).Texts[0];
        string status = request is { TakesEventStream: true, Ids.Tokens.Count: > 0 } ? "200 OK" : "403 Forbidden";
        string length = body.Length.ToString(CultureInfo.InvariantCulture);
        string head =
            $"HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n"
            + "connection: close\r\n\r\n";
        return [.. Encoding.ASCII.GetBytes(head), .. body];
    }
}
