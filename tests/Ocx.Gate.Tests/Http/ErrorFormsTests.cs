using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Ocx.Gate.Http;

namespace Ocx.Gate.Tests.Http;

public class ErrorFormsTests
{
    private static readonly RequestIds s_seven = new(
        [
            [(byte)'7'],
        ],
        isBatch: false
    );

    [Fact]
    public void Forms_get_shorter()
    {
        var error = new AuditError
        {
            Reason = "deletes 5000 rows",
            Audit = "prod/db",
            RevertToken = "t-1",
        };
        Assert.Equal(
            [
                """{"jsonrpc":"2.0","id":7,"error":{"code":-32090,"message":"refused by audit: deletes 5000 rows","""
                    + "\"data\":{\"audit\":\"prod/db\",\"reason\":\"deletes 5000 rows\",\"revertToken\":\"t-1\"}}}",
                """{"jsonrpc":"2.0","id":7,"error":{"code":-32090,"message":"refused by audit: deletes 5000 rows"}}""",
                """{"jsonrpc":"2.0","id":7,"error":{"code":-32090,"message":"refused by audit"}}""",
                """{"jsonrpc":"2.0","id":7,"error":{"code":-32090,"message":""}}""",
            ],
            new ErrorForms(error, s_seven).Texts.Select(Encoding.UTF8.GetString)
        );
    }

    [Fact]
    public void A_result_is_withheld_and_a_batch_is_an_array()
    {
        var error = new AuditError { ResultWithheld = true, Approval = "approve-me" };
        var ids = new RequestIds(
            [
                [(byte)'1'],
                "\"a\\u0041\""u8.ToArray(),
            ],
            isBatch: true
        );
        using JsonDocument json = JsonDocument.Parse(new ErrorForms(error, ids).Texts[0]);
        Assert.Equal(
            ["1", "\"a\\u0041\""],
            json.RootElement.EnumerateArray().Select(each => each.GetProperty("id").GetRawText())
        );
        JsonElement told = json.RootElement[1].GetProperty("error");
        Assert.Equal("result withheld by audit", told.GetProperty("message").GetString());
        Assert.Equal("""{"approval":"approve-me"}""", told.GetProperty("data").GetRawText());
    }

    [Fact]
    public void Texts_of_others_stay_texts() =>
        Prop.ForAll(
                (
                    from reason in Gen.OneOf(
                        Gen.Choose(0, 0xffff).Select(each => (char)each).ArrayOf().Select(each => new string(each)),
                        Gen.Choose(0, 3000).Select(length => new string('\u202e', length)),
                        Gen.Elements("a\"}},{", "\r\n\r\n", "\ud800", "\0", "\u007f\u009b31m")
                    )
                    from withheld in Gen.Elements(true, false)
                    select new AuditError
                    {
                        Reason = reason,
                        Audit = reason,
                        RevertToken = reason,
                        Approval = reason,
                        ResultWithheld = withheld,
                    }
                ).ToArbitrary(),
                error =>
                {
                    foreach (byte[] text in new ErrorForms(error, s_seven).Texts)
                    {
                        Assert.InRange(text.Length, 60, 32 << 10);
                        Assert.DoesNotContain(Encoding.UTF8.GetString(text), each => char.IsControl(each));
                        using JsonDocument json = JsonDocument.Parse(text);
                        Assert.Equal(
                            AuditError.Code,
                            json.RootElement.GetProperty("error").GetProperty("code").GetInt32()
                        );
                        Assert.DoesNotContain(
                            json.RootElement.GetProperty("error").GetProperty("message").GetString()!,
                            each => char.IsControl(each)
                        );
                    }

                    return true;
                }
            )
            .QuickCheckThrowOnFailure();
}
