namespace Ocx.Audit.Jury;

/// <summary>Why a juror did not vote itself, as <see cref="JurorVote.Failure"/> says it.</summary>
public static class JurorFailure
{
    /// <summary>It took longer than its own limit.</summary>
    public const string Timeout = "timeout";

    /// <summary>It had not voted when the deadline of the whole jury passed.</summary>
    public const string Deadline = "deadline";

    /// <summary>As many of its calls were under way as may be; it was not asked.</summary>
    public const string Busy = "busy";

    /// <summary>Its vote was none of those that there are.</summary>
    public const string Invalid = "invalid vote";

    /// <summary>The others had decided before it voted. This is no failure of its own.</summary>
    public const string NotWaitedFor = "not waited for";

    /// <summary>
    /// One of the above, or <c>error</c>: a failure may also be the words of a juror, which are without end.
    /// </summary>
    public static string KindOf(string failure) =>
        failure is Timeout or Deadline or Busy or Invalid or NotWaitedFor ? failure : "error";
}
