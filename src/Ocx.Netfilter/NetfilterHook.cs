namespace Ocx.Netfilter;

/// <summary>Where on its way a packet was queued (include/uapi/linux/netfilter.h).</summary>
public enum NetfilterHook : byte
{
    /// <summary>It has come to this machine and is not routed yet.</summary>
    Prerouting = 0,

    /// <summary>It goes to a socket of this namespace.</summary>
    Input = 1,

    /// <summary>It goes through to elsewhere.</summary>
    Forward = 2,

    /// <summary>A socket of this namespace sends it.</summary>
    Output = 3,

    /// <summary>It is about to leave.</summary>
    Postrouting = 4,
}
