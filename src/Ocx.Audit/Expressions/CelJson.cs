using System.Text.Json;

namespace Ocx.Audit.Expressions;

/// <summary>Values as JSON.</summary>
internal static class CelJson
{
    private const string TooLong = "it makes a value that is too long";

    /// <summary>Writes a value.</summary>
    /// <param name="to">Where it goes. What is there of a value that failed is of no use.</param>
    /// <param name="value">The value.</param>
    /// <param name="most">How many bytes the writer may have in all.</param>
    /// <returns>Why it cannot be written; null when it was. The text quotes nothing of the call.</returns>
    public static string? Write(Utf8JsonWriter to, in CelValue value, long most)
    {
        switch (value.Type)
        {
            case CelType.Null:
                to.WriteNullValue();
                break;
            case CelType.Bool:
                to.WriteBooleanValue(value.IsTrue);
                break;
            case CelType.Int:
                to.WriteNumberValue(value.Int);
                break;
            case CelType.Double when double.IsFinite(value.Double):
                to.WriteNumberValue(value.Double);
                break;
            case CelType.String:
                to.WriteStringValue(value.String);
                break;
            case CelType.List:
                to.WriteStartArray();
                foreach (var element in value.List)
                {
                    if (Write(to, element, most) is { } problem)
                    {
                        return problem;
                    }
                }

                to.WriteEndArray();
                break;
            case CelType.Map:
                to.WriteStartObject();
                foreach (var (name, member) in value.Map)
                {
                    to.WritePropertyName(name);
                    if (Write(to, member, most) is { } problem)
                    {
                        return problem;
                    }
                }

                to.WriteEndObject();
                break;
            case CelType.Error:
                return value.Message;
            default:
                return $"it gives a {value.Type.Name()}, which is no JSON";
        }

        return to.BytesCommitted + to.BytesPending <= most ? null : TooLong;
    }
}
