using System.Globalization;
using Ocx.Ledger;

namespace Ocx.Auditor.Http;

/// <summary>
/// What <c>ocx audit</c> asks for: the ledger's lines, and its public key. Lines end with a line feed each, as they
/// stand in the ledger.
/// </summary>
internal static class LedgerEndpoints
{
    private const int MostNewest = 100_000;

    /// <summary>Adds them to the ones of the socket.</summary>
    public static void MapLedger(this RouteGroupBuilder group, ILedger kept)
    {
        LedgerReader ledger = kept.Reader;
        group.MapGet("/ledger/key", () => string.Concat(kept.PublicKeys.Select(key => key.ExportPem() + "\n")));
        group.MapGet("/ledger/lines", (HttpContext http) => WriteAsync(http, ledger.LinesAsync(http.RequestAborted)));
        group.MapGet("/records", (HttpContext http) => NewestAsync(http, ledger));
        group.MapGet("/records/{call}", (HttpContext http, string call) => FindAsync(http, ledger, call));
    }

    private static async Task NewestAsync(HttpContext http, LedgerReader ledger)
    {
        if (
            !int.TryParse(http.Request.Query["last"], NumberStyles.None, CultureInfo.InvariantCulture, out int count)
            || count is 0 or > MostNewest
        )
        {
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        await WriteAsync(http, ledger.NewestLinesAsync(count, http.RequestAborted));
    }

    private static async Task FindAsync(HttpContext http, LedgerReader ledger, string call)
    {
        if (await ledger.FindLineAsync(call, http.RequestAborted) is { } line)
        {
            http.Response.ContentType = "application/x-ndjson";
            await http.Response.Body.WriteAsync(line, http.RequestAborted);
        }
        else
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
        }
    }

    private static async Task WriteAsync(HttpContext http, IAsyncEnumerable<byte[]> lines)
    {
        http.Response.ContentType = "application/x-ndjson";
        await foreach (byte[] line in lines)
        {
            Memory<byte> space = http.Response.BodyWriter.GetMemory(line.Length + 1);
            line.CopyTo(space);
            space.Span[line.Length] = (byte)'\n';
            http.Response.BodyWriter.Advance(line.Length + 1);
            if (http.Response.BodyWriter.UnflushedBytes >= 64 << 10)
            {
                await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
            }
        }
    }
}
