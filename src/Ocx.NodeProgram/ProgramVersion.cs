using System.Reflection;

namespace Ocx.NodeProgram;

/// <summary>Which version a program is.</summary>
public static class ProgramVersion
{
    /// <summary>The version of an assembly, <c>0.1.0</c>, without what a build adds; empty where it has none.</summary>
    public static string Of(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]
        ?? string.Empty;
}
