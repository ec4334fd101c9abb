using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Ocx.Api;
using Ocx.NodeAgent.Options;
using Ocx.Text;

namespace Ocx.NodeAgent.Reporting;

/// <summary>The two requests that an agent makes of the API server: read its report, and apply it.</summary>
public sealed class ReportClient
{
    private const string FieldManager = "ocx-agent";
    private const int LongestReason = 1024;

    private readonly HttpClient _http;
    private readonly ReportOptions _options;
    private readonly Func<string> _token;
    private readonly Uri _address;

    /// <summary>Creates a client.</summary>
    /// <param name="http">Knows the API server's address and trusts its certificate.</param>
    /// <param name="options">Whose report it is.</param>
    /// <param name="token">The account's token; read for each request, as the kubelet renews it.</param>
    public ReportClient(HttpClient http, ReportOptions options, Func<string> token)
    {
        ArgumentNullException.ThrowIfNull(options);
        _http = http;
        _options = options;
        _token = token;
        _address = new Uri(
            $"apis/{OcxApi.GroupVersion}/namespaces/{options.Namespace}/{V1Alpha1McpTapReport.KubePluralName}/{Name}",
            UriKind.Relative
        );
    }

    private string Name => V1Alpha1McpTapReport.NameOf(_options.Tap, _options.Node);

    /// <summary>Reads the report that an earlier agent on this node left.</summary>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>The report, or null when there is none.</returns>
    public async Task<EarlierReport?> ReadAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _address);
        using var response = await SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }

        var document = await DocumentAsync(response, cancellationToken).ConfigureAwait(false);
        return new EarlierReport(document.Status ?? new V1Alpha1McpTapReportStatus(), Interval(document));
    }

    /// <summary>Applies the report.</summary>
    /// <param name="status">The counts.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>The interval that the operator wants, if it named one.</returns>
    public async Task<TimeSpan?> ApplyAsync(V1Alpha1McpTapReportStatus status, CancellationToken cancellationToken)
    {
        var document = new ReportDocument
        {
            Metadata = new ReportMetadata(
                Name,
                new Dictionary<string, string> { [OcxApi.TapLabel] = _options.Tap },
                [new ReportOwner(OcxApi.GroupVersion, V1Alpha1McpTap.KubeKind, _options.Tap, _options.TapUid)]
            ),
            Spec = new ReportSpec(_options.Tap, _options.Node, Interval: null),
            Status = status,
        };
        using var request = new HttpRequestMessage(
            HttpMethod.Patch,
            new Uri($"{_address}?fieldManager={FieldManager}&force=true", UriKind.Relative)
        )
        {
            Content = new ByteArrayContent(
                YamlJson.Of(JsonSerializer.SerializeToUtf8Bytes(document, ReportJson.Default.ReportDocument))
            ),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/apply-patch+yaml");
        using var response = await SendAsync(request, cancellationToken).ConfigureAwait(false);
        return Interval(await DocumentAsync(response, cancellationToken).ConfigureAwait(false));
    }

    private static TimeSpan? Interval(ReportDocument document) =>
        document.Spec.Interval is { } interval ? ApiDuration.Parse(interval) : null;

    private Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token());
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        return _http.SendAsync(request, cancellationToken);
    }

    private static async Task<ReportDocument> DocumentAsync(
        HttpResponseMessage response,
        CancellationToken cancellationToken
    )
    {
        if (!response.IsSuccessStatusCode)
        {
            var text = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
            throw new HttpRequestException(
                $"The API server answered {(int)response.StatusCode}: {WireText.Escape(text, LongestReason)}",
                null,
                response.StatusCode
            );
        }

        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            return await JsonSerializer
                    .DeserializeAsync(stream, ReportJson.Default.ReportDocument, cancellationToken)
                    .ConfigureAwait(false)
                ?? throw new JsonException("The API server answered with null.");
        }
    }
}
