using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Ocx.Operator.Certificates;

namespace Ocx.Operator.Tests;

/// <summary>What certificates the auditor has, over years that pass in no time.</summary>
public sealed class AuditorCertificatesTests
{
    private static readonly ServerNames s_names = new("ocx-tap-auditor", "ocx-system", "10.96.0.17");
    private static readonly DateTimeOffset s_start = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_first_ones_are_trusted_and_have_the_Services_names()
    {
        var made = AuditorCertificates.Decide(null, null, s_names, s_start);
        Assert.Equal(2, made.Made.Count);
        Assert.True(IsTrusted(made.Server, made.Trusted, s_start));

        using var server = Certificate(made.Server["tls.crt"]);
        Assert.True(server.MatchesHostname("ocx-tap-auditor"));
        Assert.True(server.MatchesHostname("ocx-tap-auditor.ocx-system"));
        Assert.True(server.MatchesHostname("ocx-tap-auditor.ocx-system.svc"));
        Assert.True(server.MatchesHostname("10.96.0.17"));
        Assert.False(server.MatchesHostname("ocx-tap-operator"));
        Assert.Equal("ECC", server.PublicKey.Oid.FriendlyName);
        Assert.False(IsAuthority(server));
        Assert.Equal(s_start.UtcDateTime + CertificateIssuer.ServerLife, server.NotAfter.ToUniversalTime());
        Assert.Equal(made.Trusted, Encoding.ASCII.GetString(made.Server["ca.crt"]));
    }

    [Fact]
    public void In_a_steady_state_nothing_is_made()
    {
        var first = AuditorCertificates.Decide(null, null, s_names, s_start);
        var again = Next(first, s_start.AddDays(59));
        Assert.Empty(again.Made);
        AssertSame(first.Authority, again.Authority);
        AssertSame(first.Server, again.Server);
        Assert.Equal(first.Trusted, again.Trusted);
    }

    [Fact]
    public void The_auditors_certificate_is_renewed_at_two_thirds_of_its_life_by_the_same_authority()
    {
        var first = AuditorCertificates.Decide(null, null, s_names, s_start);
        var renewed = Next(first, s_start.AddDays(60));
        Assert.Equal(["the auditor's certificate, as two thirds of its life are over"], renewed.Made);
        AssertSame(first.Authority, renewed.Authority);
        Assert.Equal(first.Trusted, renewed.Trusted);
        Assert.True(IsTrusted(renewed.Server, first.Trusted, s_start.AddDays(60)));
        Assert.NotEqual(first.Server["tls.key"], renewed.Server["tls.key"]);
    }

    // Over six years, looked at once a day and more often around a rotation: an agent that read the trusted ones up to
    // an hour ago always trusts what the auditor shows, and what the auditor showed up to an hour ago is trusted now.
    [Fact]
    public void A_new_authority_is_trusted_before_it_is_used_and_the_old_one_as_long_as_it_lives()
    {
        var present = AuditorCertificates.Decide(null, null, s_names, s_start);
        var history = new Queue<(DateTimeOffset At, AuditorCertificates Had)>();
        var authorities = new HashSet<string> { Encoding.ASCII.GetString(present.Authority["ca.crt"]) };
        for (var now = s_start; now < s_start.AddDays(6 * 365); )
        {
            present = Next(present, now);
            history.Enqueue((now, present));
            while (history.Count > 1 && now - history.Peek().At >= AuditorCertificates.Settling)
            {
                history.Dequeue();
            }

            foreach (var (_, had) in history)
            {
                Assert.True(IsTrusted(present.Server, had.Trusted, now), $"{now}: not trusted by what was");
                Assert.True(IsTrusted(had.Server, present.Trusted, now), $"{now}: what was is not trusted");
            }

            authorities.Add(Encoding.ASCII.GetString(present.Authority["ca.crt"]));
            now +=
                present.Authority.ContainsKey("previous.crt") && history.Count > 0 && IsOfPrevious(present, now)
                    ? TimeSpan.FromMinutes(10)
                    : TimeSpan.FromHours(23);
        }

        Assert.InRange(authorities.Count, 4, 6);
    }

    [Fact]
    public void A_certificate_does_not_outlive_its_authority()
    {
        var first = AuditorCertificates.Decide(null, null, s_names, s_start);
        var authority = PemPair.Read(first.Authority, "ca.crt", "ca.key")!;
        var late = CertificateIssuer.Server(authority, s_names, s_start.AddDays(700));
        Assert.Equal(authority.Parsed.NotAfter, late.Parsed.NotAfter);
    }

    [Fact]
    public void A_Service_with_another_address_gets_another_certificate()
    {
        var first = AuditorCertificates.Decide(null, null, s_names, s_start);
        var moved = AuditorCertificates.Decide(
            first.Authority,
            first.Server,
            s_names with
            {
                Address = "fd00::17",
            },
            s_start
        );
        Assert.Equal(["the auditor's certificate, as the Service's names or its address changed"], moved.Made);
        using var server = Certificate(moved.Server["tls.crt"]);
        Assert.True(server.MatchesHostname("fd00::17"));
        Assert.False(server.MatchesHostname("10.96.0.17"));
    }

    [Theory]
    [InlineData("ca.crt", "")]
    [InlineData("ca.crt", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")]
    [InlineData("ca.key", "garbage")]
    [InlineData("ca.key", null)]
    [InlineData("ca.crt", "the auditor's")]
    [InlineData("ca.key", "another's")]
    public void A_mangled_authority_is_made_anew_with_all_that_it_signed(string key, string? value)
    {
        var first = AuditorCertificates.Decide(null, null, s_names, s_start);
        var mangled = Mangled(first.Authority, key, value, first);
        var next = AuditorCertificates.Decide(mangled, first.Server, s_names, s_start);
        Assert.Equal(2, next.Made.Count);
        Assert.NotEqual(first.Trusted, next.Trusted);
        Assert.True(IsTrusted(next.Server, next.Trusted, s_start));
    }

    [Theory]
    [InlineData("tls.crt", "garbage")]
    [InlineData("tls.key", "garbage")]
    [InlineData("tls.key", null)]
    [InlineData("tls.key", "another's")]
    [InlineData("tls.crt", "of an authority that nobody trusts")]
    public void A_mangled_certificate_is_made_anew_by_the_same_authority(string key, string? value)
    {
        var first = AuditorCertificates.Decide(null, null, s_names, s_start);
        var mangled = Mangled(first.Server, key, value, first);
        var next = AuditorCertificates.Decide(first.Authority, mangled, s_names, s_start);
        Assert.Single(next.Made);
        AssertSame(first.Authority, next.Authority);
        Assert.True(IsTrusted(next.Server, first.Trusted, s_start));
    }

    [Fact]
    public void What_is_said_of_certificates_has_nothing_of_a_key()
    {
        var made = AuditorCertificates.Decide(null, null, s_names, s_start);
        Assert.DoesNotContain(made.Made, text => text.Contains("BEGIN", StringComparison.Ordinal));
        Assert.DoesNotContain("PRIVATE", PemPair.Read(made.Server, "tls.crt", "tls.key")!.ToString()!);
        Assert.DoesNotContain("PRIVATE", made.Trusted, StringComparison.Ordinal);
    }

    private static AuditorCertificates Next(AuditorCertificates present, DateTimeOffset now) =>
        AuditorCertificates.Decide(present.Authority, present.Server, s_names, now);

    private static Dictionary<string, byte[]> Mangled(
        Dictionary<string, byte[]> data,
        string key,
        string? value,
        AuditorCertificates first
    )
    {
        var mangled = new Dictionary<string, byte[]>(data);
        var other = AuditorCertificates.Decide(null, null, s_names, s_start);
        switch (value)
        {
            case null:
                mangled.Remove(key);
                break;
            case "another's":
                mangled[key] = (key == "ca.key" ? other.Authority : other.Server)[key];
                break;
            case "the auditor's":
                mangled["ca.crt"] = first.Server["tls.crt"];
                mangled["ca.key"] = first.Server["tls.key"];
                break;
            case "of an authority that nobody trusts":
                return other.Server;
            default:
                mangled[key] = Encoding.ASCII.GetBytes(value);
                break;
        }

        return mangled;
    }

    private static bool IsOfPrevious(AuditorCertificates present, DateTimeOffset now) =>
        IsTrusted(present.Server, Encoding.ASCII.GetString(present.Authority["previous.crt"]), now);

    // As an agent judges: the certificate of the auditor, by the authorities of the file.
    private static bool IsTrusted(Dictionary<string, byte[]> server, string trusted, DateTimeOffset now)
    {
        using var certificate = Certificate(server["tls.crt"]);
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.ImportFromPem(trusted);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationTime = now.UtcDateTime;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1"));
        return chain.Build(certificate);
    }

    private static X509Certificate2 Certificate(byte[] pem) =>
        X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(pem));

    private static bool IsAuthority(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509BasicConstraintsExtension>().Single().CertificateAuthority;

    private static void AssertSame(Dictionary<string, byte[]> expected, Dictionary<string, byte[]> actual)
    {
        Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
        Assert.All(expected, entry => Assert.Equal(entry.Value, actual[entry.Key]));
    }
}
