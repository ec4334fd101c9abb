using System.Net;

namespace Ocx.State.Clones;

/// <summary>How a shadow reaches a clone: never the source's own account or password.</summary>
/// <param name="Address">The address that the clone listens on, and on no other.</param>
/// <param name="Port">Its port.</param>
/// <param name="Role">The role or user.</param>
/// <param name="Password">Its password, of this clone alone.</param>
/// <param name="Database">PostgreSQL's database; empty for Redis.</param>
public sealed record CloneAddress(IPAddress Address, int Port, string Role, string Password, string Database)
{
    /// <summary>The scheme of <see cref="Url"/>.</summary>
    public required string Scheme { get; init; }

    /// <summary>As a URL: <c>postgresql://role:password@address:port/database</c>, <c>redis://…</c>.</summary>
    public string Url =>
        $"{Scheme}://{Uri.EscapeDataString(Role)}:{Uri.EscapeDataString(Password)}@{new IPEndPoint(Address, Port)}"
        + (Database.Length == 0 ? string.Empty : $"/{Uri.EscapeDataString(Database)}");

    /// <summary>The address without the password.</summary>
    public override string ToString() => $"{Scheme}://{Uri.EscapeDataString(Role)}@{new IPEndPoint(Address, Port)}";
}
