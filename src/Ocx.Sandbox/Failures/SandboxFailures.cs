namespace Ocx.Sandbox.Failures;

/// <summary>The names of all that keeps a sandbox from working. None holds anything of a call or a server.</summary>
public static class SandboxFailures
{
    /// <summary>The machine lacks a program, a right or a kernel feature that sandboxes need.</summary>
    public const string Machine = "machine";

    /// <summary>The machine has no control groups that bound memory and processes.</summary>
    public const string ControlGroups = "no control groups";

    /// <summary>The sandbox could not be set up: namespaces, mounts, or runsc itself.</summary>
    public const string Setup = "set-up failed";

    /// <summary>The server ended before it answered.</summary>
    public const string Ended = "server ended";

    /// <summary>The server did not answer in time.</summary>
    public const string NoAnswer = "no answer";

    /// <summary>The clones that the server needs could not be had.</summary>
    public const string Clones = "no clones";

    /// <summary>The sandbox was used already: one is for one call.</summary>
    public const string Used = "used";

    /// <summary>The server does not speak the call's protocol revision.</summary>
    public const string Revision = "revision";

    /// <summary>The server asks for more input before it answers; nobody gives any in a rehearsal.</summary>
    public const string AsksForInput = "asks for input";

    /// <summary>The server's answer cannot be read, or the server says more than is listened to.</summary>
    public const string BadAnswer = "bad answer";
}
