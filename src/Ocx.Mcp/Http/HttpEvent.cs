namespace Ocx.Mcp.Http;

/// <summary>What <see cref="HttpReader.Read"/> found.</summary>
public enum HttpEvent
{
    /// <summary>The input is used up.</summary>
    NeedMore,

    /// <summary>A head is complete: <see cref="HttpReader.Head"/>.</summary>
    Head,

    /// <summary>A piece of the body, still content-coded.</summary>
    Body,

    /// <summary>The message is complete.</summary>
    End,

    /// <summary>The framing is lost; <see cref="HttpReader.TryResume"/> finds the next message.</summary>
    Lost,
}
