using System.Buffers;
using System.CommandLine;
using System.Text.Json;
using Ocx.Audit.Approvals;
using Ocx.Cli.Exits;
using Ocx.Cli.Options;
using Ocx.Text;

namespace Ocx.Cli.Auditing;

/// <summary>What a person has an auditor do, with the reason that the record keeps.</summary>
internal static class ReasonedOrder
{
    /// <summary>The option that has the reason.</summary>
    public static Option<string?> Option() =>
        CliOption.Text("--reason", "TEXT", "Why, in your words; it stands in the record");

    /// <summary>The body of the order: an object of JSON.</summary>
    /// <param name="reason">As it was given; null when it was not.</param>
    /// <param name="write">Writes the order's own members.</param>
    /// <exception cref="CliException">The reason is too long.</exception>
    public static byte[] Body(string? reason, Action<Utf8JsonWriter> write)
    {
        if (reason?.Length > Approval.LongestWord)
        {
            throw CliException.CannotStart($"--reason has at most {Approval.LongestWord} characters");
        }

        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body, WireJson.WriterOptions))
        {
            json.WriteStartObject();
            write(json);
            json.WriteString("reason", reason ?? string.Empty);
            json.WriteEndObject();
        }

        return body.WrittenSpan.ToArray();
    }
}
