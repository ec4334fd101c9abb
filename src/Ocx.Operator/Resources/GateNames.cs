namespace Ocx.Operator.Resources;

/// <summary>What the gates' objects are called.</summary>
internal static class GateNames
{
    /// <summary>The gates' DaemonSet and their account, which the chart makes.</summary>
    public const string Gate = "ocx-tap-gate";

    /// <summary>The label of the gates' pods.</summary>
    public const string AppName = "ocx-gate";

    /// <summary>The operator's Deployment.</summary>
    public const string Operator = "ocx-tap-operator";
}
